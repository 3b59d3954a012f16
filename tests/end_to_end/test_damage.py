"""A bit flipped in every kind of entry while its stamp stays as it was: a run warns, and ends with the same bytes."""

from __future__ import annotations

import io

import pytest

import studies
from damaging import flip_unseen
from xstilts.pipeline import local
from xstilts.pipeline.progress import Plain

KINDS = {
    "tokenizer": "tokenizer.json",
    "masked_lm": "model.safetensors",
    "single_task": "heads.safetensors",
    "multi_task": "config.json",
    "with_masked_lm": "training.json",
    "fine_tuning": "model.safetensors",
    "zero_shot": "counts.parquet",
}


@pytest.fixture
def study(tmp_path):
    """A study whose store was read whole and verified."""
    copied = studies.copy_of(studies.finished()[0], tmp_path / "copy")
    copied.run()
    return copied


def contents(study) -> dict[str, bytes]:
    """Every file of every entry but what a manifest says of the time."""
    root = study.store.root / "entries"
    return {
        str(f.relative_to(root)): f.read_bytes() for f in root.rglob("*") if f.is_file() and f.name != "manifest.json"
    }


def run(study):
    said = io.StringIO()
    done = study.run(progress=Plain(said))
    assert done.outcome.exit_code == 0
    assert done.table.results() == studies.finished()[1].table.results()
    for note in done.outcome.notes:
        assert f"warning: {note}" in said.getvalue()
        assert note in done.info.warnings
    return done


def damages(done) -> list[str]:
    """The notes of a run that speak of damage."""
    return [note for note in done.outcome.notes if "is damaged" in note]


@pytest.mark.slow
@pytest.mark.parametrize("at", [0.0, 1.0], ids=["first byte", "last byte"])  # the tests below flip one in the middle
def test_every_kind_of_entry(study, at):
    before, nodes = contents(study), study.build().nodes
    damaged = {kind: next(node for node in nodes if node.kind == kind) for kind in KINDS}
    for kind, node in damaged.items():
        flip_unseen(study.store.directory(node.key) / KINDS[kind], at=at)
    other = next(node for node in nodes if node.kind == "zero_shot" and node is not damaged["zero_shot"])
    flip_unseen(study.store.directory(other.key) / "manifest.json", at=at)
    done = run(study)
    assert {node.key for node in done.outcome.ran} == {node.key for node in (*damaged.values(), other)}
    assert len(damages(done)) == len(damaged) + 1
    assert all("computing it again" in note for note in damages(done))
    assert contents(study) == before
    assert study.store.verify() == []
    assert damages(run(study)) == []


@pytest.mark.slow
def test_a_chain_of_damaged_parents_below_which_one_evaluation_is_missing(study, monkeypatch):
    """In a store too large to be read whole, each is found by what reads it."""
    monkeypatch.setattr(local, "scrub", lambda store, keys: {})
    before, built = contents(study), study.build()
    missing = next(node for node in built.nodes if node.label == "zero_shot xnli deu-Latn ← nli · seed 11")
    chain, node = [], missing
    while "model" in node.parents:
        node = node.parents["model"]
        chain.append(node)
    assert [node.kind for node in chain] == ["fine_tuning", "single_task", "masked_lm"]
    for node in chain:
        flip_unseen(study.store.directory(node.key) / "model.safetensors")
    study.store.discard(missing.key)
    done = run(study)
    assert {node.key for node in done.outcome.ran} == {node.key for node in (*chain, missing)}
    assert len(damages(done)) == 3
    assert contents(study) == before


@pytest.mark.slow
def test_every_token_cache(study):
    """What a training reads and what an evaluation reads: rows, and examples."""
    before, nodes = contents(study), study.build().nodes
    caches = [row for row in study.store.ls() if row["derived"]]
    for row in caches:
        for name in row["files"]:
            flip_unseen(study.store.directory(row["key"]) / name)
    for node in nodes:
        if node.kind in ("single_task", "zero_shot"):
            study.store.discard(node.key)
    done = run(study)
    assert {node.kind for node in done.outcome.ran} == {"single_task", "zero_shot"}
    assert all("building it again" in note for note in damages(done))
    for row in caches:
        if study.store.check(row["key"], anew=True):  # nothing has read it
            study.store.discard(row["key"])
            before = {name: held for name, held in before.items() if row["key"] not in name}
    assert len(damages(done)) > sum(row["kind"] == "token_cache" for row in caches) / 2
    assert contents(study) == before
