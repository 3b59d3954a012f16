"""Numbers of a tiny run per phase: a change of results without a raised version fails here.

A version (of a phase, a head, a task, a family, a metric) is part of every key that depends on it. Whoever changes
what a module computes raises its version, so that no stored result of the old code is taken for one of the new, and
then renews these numbers: ``XSTILTS_RENEW_GOLDEN=1 pytest tests/phases/test_golden_numbers.py``. Numbers are of one
thread in fp32, rounded so far that another processor agrees.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "heads"))
import choosing
import continuing
import distilled
import mixing
import predicted
import students
import studies
from xstilts.phases.dispatch import run
from xstilts.pipeline.progress import Silent
from xstilts.pipeline.store import Store

GOLDEN = Path(__file__).parent / "golden_numbers.json"
RENEW = "XSTILTS_RENEW_GOLDEN"
NODES = (
    "tokenizer",
    "masked_lm pretraining",
    "single_task nli · seed 11",
    "single_task hellaswag · seed 11",
    "multi_task multi · seed 11",
    "with_masked_lm nli_mlm · seed 11",
    "fine_tuning MultiNLI ← none · seed 11",
    "fine_tuning TyDiQA-GoldP ← nli · seed 12",
    "zero_shot xnli deu-Latn ← multi · seed 11",
    "zero_shot xquad tur-Latn ← none · seed 12",
    "zero_shot tatoeba deu-Latn ← none",
)
CACHES = ("tokens of mnli train", "tokens of xquad test", "tokens of tatoeba test")

LABELS = {"tokens of": "token_cache", "training dynamics": "cartography.dynamics", "shots of": "fine_tuning.shots"}
"""How the labels of nodes begin that do not begin with their kind."""

OTHERS = """\
name: {architecture}
model: {model}
intermediate:
  - name: nli
    task: {{files: [own/nli.csv], kind: pair_classification, labels: [entailment, neutral, contradiction]}}
targets: [xnli, udpos]
languages: all
seeds: [11]
recipe: {{learning_rate: 1.0e-3, batch_size: 8, epochs: 1, max_length: 96, precision: fp32}}
budget: {{max_train_examples: 16, max_eval_examples: 4}}
"""
"""A study of a model that is not an encoder."""
OTHER_NODES = (
    "single_task nli · seed 11",
    "fine_tuning MultiNLI ← nli · seed 11",
    "fine_tuning UD POS ← none · seed 11",
    "zero_shot xnli deu-Latn ← nli · seed 11",
    "zero_shot udpos rus-Cyrl ← none · seed 11",
)
OTHER_CACHES = ("tokens of mnli train", "tokens of udpos test")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Label → versions and numbers."""
    study, _ = studies.finished()
    found = _numbers_of(study, NODES, CACHES) | _numbers_of(choosing.finished()[0], choosing.NODES, ())
    found |= _numbers_of(mixing.finished()[0], mixing.NODES, ())
    found |= _numbers_of(continuing.finished()[0], continuing.NODES, ())
    found |= _numbers_of(predicted.finished()[0], predicted.NODES, ())
    for architecture in ("text_to_text", "decoder"):
        study = _study_of(architecture, tmp_path_factory.mktemp(architecture))
        assert not study.run().outcome.failed
        of_it = _numbers_of(study, OTHER_NODES, OTHER_CACHES)
        found |= {f"{label} ({architecture})": numbers for label, numbers in of_it.items()}
    return found | _distilled(tmp_path_factory.mktemp("distilled")) | _vocabularies(tmp_path_factory.mktemp("pieces"))


def _distilled(folder: Path) -> dict:
    """A student under all losses, and one that segments in another way than its teacher."""
    store, world = Store(folder / "store"), distilled.world()
    nodes = {
        "distillation with all losses": world.node(
            store, layers=[2, 4], losses=distilled.ALL, parallel="text/parallel"
        ),
        "distillation of a new model": world.node(store, model="scratch:tiny", teacher=str(world.teacher)),
    }
    return {label: _of(distilled.run(node, store)) for label, node in nodes.items()}


def _vocabularies(folder: Path) -> dict:
    """A student's own pieces, in both ways."""
    study, store, found = students.finished(), Store(folder / "store"), {}
    for way, keys in (("restricted", students.RESTRICTED), ("unigram", "{pieces: 80, way: unigram}")):
        node = students.planned(study, keys)
        run([node], store, Silent())
        found[f"student_vocabulary, {way}"] = _of(store.open(node.key))
    return found


def _study_of(architecture: str, folder: Path) -> studies.Study:
    model = "scratch_text_to_text:tiny"
    if architecture == "decoder":
        pytest.importorskip("peft")
        import test_decoder_heads as decoders

        model = str(decoders.directory(folder / "model"))
    return studies.write_study(folder, OTHERS.format(architecture=architecture, model=model))


def _numbers_of(study: studies.Study, labels: tuple[str, ...], of_caches: tuple[str, ...]) -> dict:
    nodes = {node.label: node for node in study.build().nodes}
    found = {label: _of(study.store.open(nodes[label].key)) for label in labels}
    caches = sorted((row for row in study.store.ls() if row["derived"]), key=lambda row: row["key"])
    for label in of_caches:
        row = next(row for row in caches if row["label"] == label)
        found[label] = _of(study.store.open(row["key"]))
    return found


def _of(entry) -> dict:
    manifest = entry.manifest
    return {"versions": dict(manifest["identity"]["versions"]), "numbers": _NUMBERS[manifest["kind"]](entry)}


def _trained(entry) -> dict:
    record = entry.json("training.json")
    losses = record["losses"]
    return {"steps": record["steps"], "tokens": record["tokens"], "losses": [_rounded(x) for x in losses]}


def _tokenizer(entry) -> dict:
    pieces = entry.json("tokenizer.json")["model"]["vocab"]
    return {"pieces": len(pieces), "scores": _rounded(sum(score for _, score in pieces))}


def _pieces(entry) -> dict:
    from safetensors.numpy import load_file

    rows = load_file(entry.path("embedding.safetensors"))["word_embeddings"]
    told = entry.json("vocabulary.json")
    tokens = sum(language["tokens"] for language in told["languages"].values())
    return {"pieces": told["pieces"], "tokens": tokens, "rows": _rounded(float(abs(rows).sum()))}


def _evaluated(entry) -> dict:
    result = entry.json("result.json")
    return {"examples": result["examples"], "scores": {k: _rounded(v) for k, v in result["scores"].items()}}


def _cached(entry) -> dict:
    from xstilts.heads import rows

    found = rows.read(entry.path("rows.arrow"))
    return {"rows": len(found), "tokens": found.tokens, "ids": int(found.ragged["input_ids"][0].sum())}


def _chosen(entry) -> dict:
    import pyarrow.parquet as pq

    return {"rows": sorted(pq.ParquetFile(entry.path("rows.parquet")).read()["example_id"].to_pylist())}


def _dynamics(entry) -> dict:
    import numpy as np

    with np.load(entry.path("dynamics.npz")) as found:
        numbers = {name: found[name] for name in sorted(found.files) if found[name].dtype.kind in "fiu"}
    return {name: _rounded(float(np.abs(values).sum())) for name, values in numbers.items()}


def _features(entry) -> dict:
    import numpy as np

    with np.load(entry.path("features.npz")) as found:
        return {name: _rounded(float(np.abs(found[name]).sum())) for name in sorted(found.files)}


def _embedding(entry) -> dict:
    import numpy as np

    found = np.load(entry.path("embedding.npy"))
    return {"units": len(found), "sum": _rounded(float(found.sum()))}


def _neighbours(entry) -> dict:
    return {"near": {word: len(near) for word, near in sorted(entry.json("result.json").items())}}


_NUMBERS = {
    "tokenizer": _tokenizer,
    "masked_lm": _trained,
    "continued_pretraining": _trained,
    "distillation": _trained,
    "student_vocabulary": _pieces,
    "single_task": _trained,
    "multi_task": _trained,
    "multilingual": _trained,
    "multilingual.draw": _chosen,
    "fine_tuning.shots": _chosen,
    "with_masked_lm": _trained,
    "fine_tuning": _trained,
    "zero_shot": _evaluated,
    "cartography": _trained,
    "cartography.dynamics": _dynamics,
    "aflite": _trained,
    "rule": _trained,
    "anli_rounds": _trained,
    "neighbours": _neighbours,
    "predictor_features": _features,
    "task_embedding": _embedding,
    "few_shot_proxy": _trained,
    **dict.fromkeys((f"{one}.choice" for one in ("cartography", "aflite", "rule", "anli_rounds")), _chosen),
    "token_cache": _cached,
}


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def test_every_phase_is_golden():
    from xstilts import registry
    from xstilts.phases import token_cache

    assert {kind for kind in _NUMBERS if "." not in kind} == {*registry.names("phases"), token_cache.KIND}


def test_numbers_change_only_with_a_version(measured):
    if os.environ.get(RENEW):
        text = json.dumps(measured, indent=1, ensure_ascii=False)
        GOLDEN.write_text(text + "\n", encoding="utf-8")
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert measured.keys() == golden.keys()
    for label, found in measured.items():
        expected = golden[label]
        assert found["versions"] == expected["versions"], f"{label}: versions have changed; renew with {RENEW}=1"
        assert _close(found["numbers"], expected["numbers"]), (
            f"{label}: the numbers have changed and no version has: raise the version of what changed, then renew "
            f"with {RENEW}=1\nnow {found['numbers']}\nwas {expected['numbers']}"
        )


def _close(found, expected) -> bool:
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(_close(found[k], expected[k]) for k in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(_close, found, expected))
    if isinstance(expected, str):
        return found == expected
    return found == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_a_version_is_part_of_every_key(measured):
    for label, found in measured.items():
        kind = next((kind for start, kind in LABELS.items() if label.startswith(start)), label.split()[0].rstrip(","))
        assert f"phases.{kind}" in found["versions"]
        if kind in ("single_task", "multi_task", "with_masked_lm", "fine_tuning", "zero_shot"):
            assert {"phases.token_cache", "engine", "training", "evaluation"} <= found["versions"].keys()
            assert any(name.startswith("models.") for name in found["versions"])
            room = next((one for one in ("text_to_text", "decoder") if label.endswith(f"({one})")), "encoder")
            assert any(name.startswith(f"heads.{room}.") for name in found["versions"])
            assert any(name.startswith("tasks.") for name in found["versions"])
        if kind == "zero_shot":
            assert any(name.startswith("metrics.") for name in found["versions"])
