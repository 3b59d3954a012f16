"""Bitext mining through the graph: a threshold from dev, counts a sentence, nodes of its own and no others."""

from __future__ import annotations

import json

import pytest

import studies
from at_once import workers
from xstilts.errors import ConfigError
from xstilts.evaluation.scoring import read_counts
from xstilts.metrics.mining_f1 import METRIC

NLI = "{name: nli, task: {files: [own/nli.csv], kind: pair_classification}}"
MINING = (
    *("pretraining=null", f"intermediate=[{NLI}]", "seeds=[11]", "targets=[bucc]"),
    "budget.max_eval_examples=1000",
)
LIMIT = "budget.max_eval_examples=6"
COUNT = 24
"""Sentences of each text; the first third are translations, in another order."""


def write_bucc(folder, code, split, *, seed):
    """A third of each text says the same, and in the same words (as headings do): an untrained model can find it."""
    third = COUNT // 3
    common = [studies.sentence("en", clause) for clause in studies.clauses("en", third, seed=seed)]
    own = [studies.sentence(code, clause) for clause in studies.clauses(code, COUNT - third, seed=seed + 50)]
    english = [studies.sentence("en", clause) for clause in studies.clauses("en", COUNT - third, seed=seed + 70)]
    base = folder / f"bucc2018/{code}-en.{split}"
    for name, lines in ((code, [*common, *own]), ("en", [*reversed(common), *english])):
        text = "".join(f"{name}-{i:09d}\t{line}\n" for i, line in enumerate(lines))
        studies._write(base.with_name(f"{base.name}.{name}"), text)
    gold = "".join(f"{code}-{i:09d}\ten-{third - 1 - i:09d}\n" for i in range(third))
    studies._write(base.with_name(f"{base.name}.gold"), gold)


def write_study(folder):
    study = studies.write_study(folder)
    for code in ("de", "ru"):
        write_bucc(study.data, code, "dev", seed=40)
        write_bucc(study.data, code, "test", seed=41)
    return study


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    study = write_study(tmp_path_factory.mktemp("mining"))
    with workers():
        return study, study.run(*MINING)


@pytest.fixture
def own(tmp_path):
    return write_study(tmp_path / "study")


def evaluation(built, language="deu-Latn", arm="none"):
    (node,) = {e.node for e in built.evaluations if (e.language, e.arm) == (language, arm)}
    return node


def keys(built):
    return {node.key for node in built.nodes}


@pytest.mark.slow
def test_every_cell_has_an_f1_and_its_oracle(finished):
    _, result = finished
    assert not result.outcome.failed
    rows = {(row["arm"], row["language"], row["metric"]): row for row in result.table.results()}
    assert {key[:2] for key in rows} == {(arm, code) for arm in ("none", "nli") for code in ("deu-Latn", "rus-Cyrl")}
    for arm, language in {key[:2] for key in rows}:
        f1, oracle = (rows[arm, language, score]["mean"] for score in ("f1", "oracle_f1"))
        assert 0 < f1 <= oracle <= 100
    report = (result.directory / "report.md").read_text(encoding="utf-8")
    assert "### oracle_f1" in report


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_counts_are_of_the_sentences_of_the_language(finished):
    study, _ = finished
    study.run(*MINING, LIMIT)
    whole, sample = (
        read_counts(study.store.open(evaluation(built).key).path("counts.parquet"), METRIC.count_names)
        for built in (study.build(*MINING), study.build(*MINING, LIMIT))
    )
    assert [i.partition("-")[0] for i in whole.example_ids] == ["de"] * COUNT
    totals = dict(zip(METRIC.count_names, whole.counts.sum(axis=0), strict=True))
    assert totals["tp"] + totals["fn"] == totals["oracle_tp"] + totals["oracle_fn"] == COUNT // 3
    assert len(sample.example_ids) == 6, "a limit is one of the sentences that are scored"
    by_id = dict(zip(whole.example_ids, whole.counts.tolist(), strict=True))
    assert [by_id[i] for i in sample.example_ids] == sample.counts.tolist(), "what is mined is always everything"


@pytest.mark.slow
def test_the_threshold_is_that_of_dev(finished):
    study, _ = finished
    node = evaluation(study.build(*MINING))
    result = json.loads(study.store.open(node.key).path("result.json").read_text(encoding="utf-8"))
    assert set(result["thresholds"]) == {"submitted", "oracle"}
    assert all(threshold > 0 for threshold in result["thresholds"].values())
    assert (result["examples"], result["hidden"]) == (COUNT, 0)
    labels = [row["label"] for row in study.store.ls() if row["derived"] and "bucc" in row["label"]]
    assert {"tokens of bucc dev", "tokens of bucc test"} <= set(labels)


def test_nodes_read_dev_and_test_of_their_language(own):
    built = own.build(*MINING)
    node = evaluation(built)
    dev, test = ([f"{split}/deu-Latn/{i}" for i in range(3)] for split in ("tuning", "test"))
    assert set(node.data) >= {*dev, *test}
    assert (node.params["tuning"]["split"], node.params["dataset"]["split"]) == ("dev", "test")
    assert node.params["tuning"]["limit"] is None
    assert "tuning" not in evaluation(own.build("targets=[tatoeba]")).params
    before = keys(built)
    write_bucc(own.data, "tr", "dev", seed=40)
    write_bucc(own.data, "tr", "test", seed=41)
    added = [node for node in own.build(*MINING).nodes if node.key not in before]
    assert {node.kind for node in added} == {"zero_shot"}
    assert len(added) == 2
    gold = own.data / "bucc2018/de-en.dev.gold"
    gold.write_text("".join(gold.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    again = own.build(*MINING)
    assert evaluation(again).key != node.key
    assert evaluation(again, "rus-Cyrl").key in before


def test_a_layer_may_be_chosen(own):
    assert evaluation(own.build(*MINING, "targets=[{task: bucc, layer: 2}]")).params["layer"] == 2


def test_what_tunes_is_not_evaluated(own):
    with pytest.raises(ConfigError, match="dev tunes the threshold of BUCC 2018: evaluate another split"):
        own.build(*MINING, "targets=[{task: bucc, split: dev}]")


def test_a_missing_dev_is_named_before_anything_trains(own):
    for file in own.data.glob("bucc2018/ru-en.dev.*"):
        file.unlink()
    with pytest.raises(ConfigError, match=r"bucc, dev, rus-Cyrl: provide bucc2018/ru-en\.dev\.ru"):
        own.build(*MINING)


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_a_hidden_test_is_predicted_and_never_scored(finished, tmp_path):
    own = studies.copy_of(finished[0], tmp_path / "copy")
    (own.data / "bucc2018/ru-en.test.gold").unlink()
    result = own.run(*MINING)
    assert not result.outcome.failed
    rows = {row["language"]: row for row in result.table.results() if (row["arm"], row["metric"]) == ("none", "f1")}
    assert rows["deu-Latn"]["status"] == "ok"
    assert rows["rus-Cyrl"]["status"] == "failed"
    node = evaluation(own.build(*MINING), "rus-Cyrl")
    found = json.loads(own.store.open(node.key).path("result.json").read_text(encoding="utf-8"))
    assert (found["examples"], found["hidden"], set(found["thresholds"])) == (0, COUNT, {"submitted"})
