"""A whole study run: every cell filled, nothing twice, and the same numbers whatever happened on the way."""

from __future__ import annotations

import json
from collections import Counter
from unittest.mock import patch

import pytest

import studies
from damaging import flip_unseen
from xstilts import registry
from xstilts.errors import ConfigError, UnknownName
from xstilts.pipeline.progress import Silent
from xstilts.runs.running import load_run


@pytest.fixture(scope="module")
def finished():
    return studies.finished()


@pytest.fixture
def copied(finished, tmp_path):
    return studies.copy_of(finished[0], tmp_path / "copy")


def node_of(built, label):
    (found,) = (node for node in built.nodes if node.label == label)
    return found


def without_unknown_tokens(notes) -> list[str]:
    """The study's own tokenizer has seen no comma, which HellaSwag has."""
    return [note for note in notes if "unknown to the tokenizer" not in note]


# The matrix.


def test_everything_ran(finished):
    study, result = finished
    assert result.outcome.ok
    assert result.outcome.exit_code == 0
    assert Counter(node.kind for node in result.outcome.ran) == Counter(node.kind for node in study.build().nodes)
    assert not without_unknown_tokens(result.outcome.notes)


def test_no_cell_is_missing(finished):
    study, result = finished
    rows = result.table.results()
    assert {row["status"] for row in rows} == {"ok"}
    places = {(row["arm"], row["target"], row["language"]) for row in rows}
    assert places == {(e.arm, e.target, e.language) for e in study.build().evaluations}
    for row in rows:
        constant = (row["arm"], row["target"]) == ("none", "tatoeba")
        assert row["seeds"] == (0 if constant else 2)
        assert row["examples"] == 6
        assert 0 <= row["low"] <= row["mean"] <= row["high"] <= 1
        assert (row["gain"] is None) == (row["arm"] == "none")
        assert row["gain"] is None or row["gain_low"] <= row["gain"] <= row["gain_high"]
    metrics = Counter(row["metric"] for row in rows if row["arm"] == "nli" and row["language"] == "deu-Latn")
    assert len(metrics) >= 3  # accuracy, and retrieval in both directions
    assert result.table.source_languages == dict.fromkeys(("xnli", "tydiqa", "xquad"), "eng-Latn")


def test_retrieval_limits_the_queries_and_never_the_index(finished):
    import pyarrow.parquet as parquet

    study, _ = finished
    node = node_of(study.build(), "zero_shot tatoeba deu-Latn ← none")
    entry = study.store.open(node.key)
    table = parquet.ParquetFile(entry.path("predictions.parquet")).read()
    queries = table.column("example_id").to_pylist()
    assert len(queries) == 6
    index = [row for row in study.store.ls() if row["derived"] and "tatoeba" in row["label"]]
    assert {row["facts"]["examples"] for row in index} == {8}


def test_a_parallel_test_set_is_sampled_alike_in_every_language(finished):
    import pyarrow.parquet as parquet

    study, _ = finished
    built = study.build()
    found = []
    for language in ("eng-Latn", "tur-Latn"):
        entry = study.store.open(node_of(built, f"zero_shot xquad {language} ← nli · seed 11").key)
        table = parquet.ParquetFile(entry.path("counts.parquet")).read()
        found.append(table.column("example_id").to_pylist())
    assert found[0] == found[1]


def test_checkpoints_are_safetensors_and_nothing_is_a_pickle(finished):
    study, _ = finished
    files = [file for file in (study.folder / "store/entries").rglob("*") if file.is_file()]
    assert {file.suffix for file in files} <= {".safetensors", ".json", ".parquet", ".arrow", ".jsonl"}
    assert sum(file.name == "model.safetensors" for file in files) == 1 + 4 + 2 + 2 + 20


def test_a_mixture_records_which_task_each_step_had(finished):
    study, _ = finished
    nodes = {node.label: node for node in study.build().nodes}
    counts = {"multi · seed 11": 2, "nli_mlm · seed 11": 2, "nli · seed 11": 0}
    for label, tasks in counts.items():
        (node,) = [node for name, node in nodes.items() if name.endswith(label) and "←" not in name]
        record = study.store.open(node.key).json("training.json")
        assert len(set(record.get("tasks", ()))) == tasks
        assert len(record.get("tasks", record["losses"])) == len(record["losses"])


def test_the_report_says_how_many_rows_of_the_vocabulary_trained(finished):
    _, result = finished
    shown = (result.directory / "report.md").read_text(encoding="utf-8")
    (line,) = [line for line in shown.splitlines() if "rows of the vocabulary that a training changed" in line]
    low, high, size = (int(word.replace(",", "")) for word in line.split() if word.replace(",", "").isdigit())
    assert 10 < low < high == size, "what trains a language model trains all of them"


def test_nothing_unfinished_is_left(finished):
    store = finished[0].folder / "store"
    assert not [path for path in (store / "scratch").glob("*") if any(path.iterdir())]
    assert not [path for path in (store / "writing").glob("*") if path.name != ".lock"]


def test_the_reports_and_the_record(finished):
    study, result = finished
    assert result.directory == study.folder / "out"
    for name in registry.names("reports"):
        form = registry.find("reports", name)
        file = result.directory / f"report.{form.suffix.lstrip('.')}"
        assert file.stat().st_size > 500 if form.with_every_run else name in ("latex", "paper", "checklist")
    shown = (result.directory / "report.md").read_text(encoding="utf-8")
    assert "training set of HellaSwag replaced by hellaswag/hellaswag_val.jsonl" in shown
    assert "tatoeba" in shown
    record = json.loads((result.directory / "run.json").read_text(encoding="utf-8"))
    assert record["nodes"] == {"ran": 118, "cached": 0, "failed": 0, "not_run": 0}
    assert len(record["cells"]) == len(study.build().evaluations)
    assert result.info.tokens > 2000


def test_a_run_opens_again_from_its_record(finished):
    study, result = finished
    again = load_run(study.folder / "out")
    assert again.table.results() == result.table.results()
    assert again.info == result.info


def test_a_run_that_does_not_exist(finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownName, match="unknown run 'tinny'"):
        load_run("tinny")
    for text in ("{", "[]", '{"schema": 99}', "{}"):
        (tmp_path / "run.json").write_text(text)
        with pytest.raises(ConfigError, match=r"run\.json"):
            load_run(tmp_path)


def test_an_unknown_executor(finished):
    study, _ = finished
    with pytest.raises(UnknownName, match="did you mean 'local'"):
        study.experiment().run(data=study.data, store=study.store, executor="loca", out=study.folder / "o")


# Again.


def test_a_second_run_computes_nothing_and_starts_nobody(copied, finished, monkeypatch):
    from xstilts.pipeline import crew

    def refuse(*_, **__):
        raise AssertionError("a worker was started")

    copied.run()  # a copied store is read whole once
    monkeypatch.setattr(crew, "Worker", refuse)
    again = copied.run()
    assert not again.outcome.ran
    assert len(again.outcome.cached) == 118
    assert again.table.results() == finished[1].table.results()


@pytest.mark.slow
def test_a_flipped_byte_is_warned_about_and_computed_again(copied, finished):
    """Stamps are as they were, as where a disk fails; one evaluation of the damaged model is missing."""
    built = copied.build()
    tuned = node_of(built, "fine_tuning MultiNLI ← multi · seed 12")
    missing = next(node for node in built.nodes if tuned in node.parents.values())
    scored = node_of(built, "zero_shot tatoeba rus-Cyrl ← hellaswag · seed 11")
    weights = copied.store.directory(tuned.key) / "model.safetensors"
    before = weights.read_bytes()
    copied.run()  # a copied store is read whole once, and verified then
    for file in (weights, copied.store.directory(scored.key) / "counts.parquet"):
        flip_unseen(file)
    arm = scored.parents["model"]
    for node in (arm, missing):  # the rows that the arm trains on are read again
        copied.store.discard(node.key)
    derived = next(row for row in copied.store.ls() if row["derived"] and row["label"] == "tokens of hellaswag train")
    flip_unseen(copied.store.directory(derived["key"]) / "rows.arrow")
    again = copied.run()
    assert again.outcome.exit_code == 0
    assert {node.key for node in again.outcome.ran} == {tuned.key, missing.key, scored.key, arm.key}
    for name, what in (("model.safetensors", "comput"), ("counts.parquet", "comput"), ("rows.arrow", "build")):
        assert any(f"{name} is damaged" in note and f"{what}ing it again" in note for note in again.outcome.notes)
    assert len(without_unknown_tokens(again.outcome.notes)) == 3
    assert any("counts.parquet is damaged" in warning for warning in again.info.warnings)
    assert again.table.results() == finished[1].table.results()
    assert weights.read_bytes() == before  # training is deterministic, to the bit


def test_a_report_of_a_damaged_store_says_which_cell(copied):
    copied.run()
    node = node_of(copied.build(), "zero_shot xnli eng-Latn ← nli · seed 11")
    flip_unseen(copied.store.directory(node.key) / "counts.parquet")
    with patch.dict("xstilts.pipeline.fingerprint._HASHES", clear=True):  # as in another process
        opened = load_run(copied.folder / "out")
    # By now nothing but its stamp has been trusted, and that is gone: the next run computes it again.
    assert any("counts.parquet is damaged" in failed.message for failed in opened.table.failed)
    assert "counts.parquet is damaged" in copied.store.check(node.key)


# Failures.


class Meanwhile(Silent):
    """Does something between planning and the first node."""

    def __init__(self, act) -> None:
        super().__init__()
        self.act = act

    def begin(self, *, total: int, cached: int) -> None:
        """Once."""
        super().begin(total=total, cached=cached)
        self.act()


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_a_file_that_changes_under_the_run_fails_what_reads_it_and_nothing_else(copied):
    tests = copied.data / "xnli/test-de.tsv"
    train = copied.data / "tydiqa/tydiqa-goldp-v1.1-train/tydiqa.en.train.json"
    for key in [node.key for node in copied.build().nodes if node.kind not in ("tokenizer", "masked_lm")]:
        copied.store.discard(key)
    for row in list(copied.store.ls()):
        if row["derived"]:
            copied.store.discard(row["key"])

    def change():
        studies.write_xnli(tests, "de", 8, seed=77)
        train.unlink()

    result = copied.run("seeds=[11]", "intermediate=[]", progress=Meanwhile(change))
    failed = {node.label.split(" ← ")[0]: failure.message for node, failure in result.outcome.failed.items()}
    assert failed.keys() == {"fine_tuning TyDiQA-GoldP", "zero_shot xnli deu-Latn"}
    assert "test-de.tsv: the file has changed since the run was planned" in failed["zero_shot xnli deu-Latn"]
    assert "the file is gone since the run was planned" in failed["fine_tuning TyDiQA-GoldP"]
    assert len(result.outcome.not_run) == 4
    assert result.outcome.exit_code != 0
    cells = {(row["target"], row["language"]): row for row in result.table.results()}
    assert cells["xnli", "eng-Latn"]["status"] == cells["tatoeba", "deu-Latn"]["status"] == "ok"
    for place in (("xnli", "deu-Latn"), ("tydiqa", "rus-Cyrl"), ("xquad", "tur-Latn")):
        assert cells[place]["status"] == "failed"
        assert cells[place]["mean"] is None
    shown = (result.directory / "report.md").read_text(encoding="utf-8")
    assert "failed" in shown
    assert "not run: a node that it needs failed" in shown
