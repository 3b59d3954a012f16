"""Predictors in a tiny run: planned, priced, cached, kept in the record, read as frames, judged by a command."""

from __future__ import annotations

import json

import numpy as np
import pytest

import predicted
import studies
import xstilts
from xstilts import registry
from xstilts.analysis.predictors.predictor import ROOM
from xstilts.cli import main
from xstilts.errors import ConfigError, UserError
from xstilts.phases import few_shot_proxy, predictor_features, task_embedding
from xstilts.runs.planning import plan

KINDS = {predictor_features.KIND, task_embedding.KIND, few_shot_proxy.KIND}


@pytest.fixture(scope="module")
def study():
    return predicted.finished()[0]


@pytest.fixture(scope="module")
def run():
    return predicted.finished()[1]


@pytest.fixture(scope="module")
def graph(study):
    return study.build()


@pytest.fixture(scope="module")
def scores(run):
    found = xstilts.predictor_scores(run.directory)
    return {tuple(row[name] for name in ("predictor", "arm", "target", "language")): row for row in found.to_dicts()}


def test_without_the_key_every_node_stays_as_it_is(study, graph):
    without = study.build("predictors=null")
    assert without.predictors is None
    assert {node.key for node in without.nodes} < {node.key for node in graph.nodes}
    assert {node.kind for node in graph.nodes} - {node.kind for node in without.nodes} == KINDS
    assert [one.node.key for one in without.evaluations] == [one.node.key for one in graph.evaluations]


def test_what_predictors_read_is_planned_and_priced(graph, study):
    rows = {row["label"]: row for row in plan(graph, study.store)}
    own = [row for row in rows.values() if row["kind"] in KINDS]
    assert all(row["cached"] and row["flops"] > 0 for row in own)
    assert all(row["bytes"] < 1_000_000 for row in own), "no checkpoint is kept"
    proxy = next(node for node in graph.nodes if node.label == "few_shot_proxy xnli ← nli")
    assert proxy.estimate["dev"] == pytest.approx(2 * 12 / (2 * 8)), "asked twice, on 12 rows, beside two steps of 8"
    assert not any("mnli" in row["label"] and "xnli" in row["label"] for row in own), "it is xnli's own training set"
    assert not any("tatoeba" in row["label"] for row in own)
    assert all(node.estimate["characters"] > 0 for node in graph.nodes if node.kind in KINDS), "before they have run"


def test_every_predictor_has_a_score_or_says_why_not(scores):
    assert {name for name, *_ in scores} == set(registry.names(ROOM))
    for (_, arm, target, _), row in scores.items():
        assert (row["score"] is None) == bool(row["why"])
        assert row["own"] == ((arm, target) == ("mnli", "xnli"))
    tags = scores["leep", "tags", "udpos", "rus-Cyrl"]
    assert tags["score"] < 0
    assert scores["leep", "nli", "xnli", "deu-Latn"]["score"] < 0
    assert "does not give classes" in scores["leep", "nli", "udpos", "rus-Cyrl"]["why"]
    assert scores["logme", "tags", "tatoeba", "deu-Latn"]["why"] == "the target is not trained"
    assert scores["size", "nli", "xnli", "deu-Latn"]["score"] == 16
    assert scores["few_shot_proxy", "tags", "udpos", "rus-Cyrl"]["score"] is not None
    assert 0 < scores["task_embedding", "nli", "udpos", "rus-Cyrl"]["score"] <= 1
    assert scores["genealogical_distance", "nli", "xnli", "deu-Latn"]["score"] == pytest.approx(-1 / 3)


def test_an_arm_on_plain_text_lacks_what_labelled_rows_give(study):
    text = "{name: text, method: continued_pretraining, text: text/mono, max_tokens: 500}"
    tags = "{name: tags, task: panx}"
    graph = study.build(
        f"intermediate=[{tags}, {text}]", "predictors={use: [leep, text_embedding, task_embedding, size]}"
    )
    pair = next(one for one in graph.predictors.pairs if (one.arm, one.target) == ("text", "xnli"))
    assert set(pair.lacks) == {"head", "text", "task", "size"}
    assert pair.lacks["size"] == "the arm trains on no labelled rows"
    assert set(pair.nodes) == {"features"}
    assert (pair.examples, pair.source_languages) == (None, ())


def test_scores_say_what_they_cost(scores):
    place = ("nli", "xnli", "deu-Latn")
    logme, text = scores["logme", *place], scores["text_embedding", *place]
    proxy, size = scores["few_shot_proxy", *place], scores["size", *place]
    assert logme["flops"] > 0
    assert logme["training_flops"] == proxy["training_flops"] > 0, "the arm's training, without pretraining"
    assert (size["flops"], size["training_flops"], text["training_flops"]) == (0, 0, 0)
    assert scores["task_embedding", *place]["training_flops"] > logme["training_flops"], "and the target's fine-tuning"


def test_features_are_those_of_the_labelled_rows(graph, study):
    nodes = {node.label: study.store.open(node.key) for node in graph.nodes if node.kind in KINDS}
    with np.load(nodes["predictor_features xnli ← nli"].path(predictor_features.FILE)) as kept:
        assert kept["states"].shape == (12, len(kept["text"]))
        assert kept["probabilities"].shape == (12, 3)
        np.testing.assert_allclose(kept["probabilities"].sum(axis=1), 1, rtol=1e-5)
        assert set(kept["classes"].tolist()) <= {0, 1, 2}
    with np.load(nodes["predictor_features udpos ← tags"].path(predictor_features.FILE)) as kept:
        assert len(kept["states"]) == len(kept["classes"]) > 12, "every word is one"
    embedding = np.load(nodes["task_embedding nli"].path(task_embedding.FILE))
    assert (embedding >= 0).all()
    assert embedding.any()
    dev = nodes["few_shot_proxy xnli ← tags"].json(few_shot_proxy.RECORD)["dev"]
    assert [step for step, _ in dev] == [1, 2]
    assert "model.safetensors" not in nodes["few_shot_proxy xnli ← tags"].manifest["files"]


def test_they_are_judged_in_the_report_and_as_a_frame(run):
    found = xstilts.predictor_regret(run.directory)
    overall = found.filter(found["target"].is_null())
    assert {"random", "always nli", "size", "logme"} <= set(overall["predictor"])
    assert overall["regret_1"].drop_nulls().min() >= 0
    assert run.table.predictors.left_out == {"xnli": ("mnli",)}
    text = (run.directory / "report.md").read_text(encoding="utf-8")
    assert "Predicting the best intermediate task" in text
    assert "xnli: mnli trains on its own training set." in text
    assert '"predictor, average over targets",random' in (run.directory / "report.csv").read_text(encoding="utf-8")


def test_the_command_prints_the_regret_table(run, capsys):
    assert main(["predictors", str(run.directory), "--format", "md"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Run predicted, model scratch:tiny: 3 targets")
    assert said[2].startswith("| predictor | regret at 1 | regret at 2 | regret at 3 | told |")
    assert said[-1].startswith("| always nli | ")
    assert main(["predictors", str(run.directory), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["model"] for row in rows} == {"scratch:tiny"}
    assert main(["predictors", str(run.directory)]) == 0
    assert "regret at 1" in capsys.readouterr().out


def test_a_run_without_predictors_says_what_to_do(capsys):
    directory = studies.finished()[1].directory
    assert xstilts.predictor_scores(directory).is_empty()
    with pytest.raises(UserError, match="computed no predictors: write predictors: true"):
        xstilts.predictor_regret(directory)
    assert main(["predictors", str(directory)]) == 2
    assert capsys.readouterr().err.startswith("error: the run small computed no predictors")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("[logmee]", "unknown predictor 'logmee'; did you mean 'logme'"),
        ("[logme, logme]", "logme"),
        ("{always: nobody}", "unknown arm 'nobody'"),
        ("{use: [logme], rows: 3}", "rows"),
        ("{examples: 0}", "examples"),
    ],
)
def test_a_mistake_in_the_key_is_one_message(study, keys, message):
    with pytest.raises(ConfigError, match=message):
        study.experiment(f"predictors={keys}")


def test_the_key_is_written_short_or_long(study):
    assert study.experiment("predictors=true").predictors.use == ()
    assert study.experiment("predictors=[logme, size]").predictors.use == ("logme", "size")
    assert study.experiment("predictors=false").predictors is None
    assert "predictors:" in study.experiment("predictors=[logme]").as_yaml()
    assert "predictors" not in study.experiment("predictors=false").as_yaml()


def test_a_model_that_writes_its_answers_has_those_that_it_allows(study):
    graph = study.build("model=scratch_text_to_text:tiny", "pretraining=null", "predictors=true")
    assert set(graph.predictors.used) == {"few_shot_proxy", "size", "genealogical_distance", "typological_distance"}
    with pytest.raises(ConfigError, match="logme looks at the states"):
        study.build("model=scratch_text_to_text:tiny", "pretraining=null", "predictors=[logme]")
