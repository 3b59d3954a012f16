"""Continued pretraining as an arm, arms that start from earlier ones, and the 2 × 2 that they make."""

from __future__ import annotations

import json

import pytest

import studies
from xstilts.data import made
from xstilts.errors import ConfigError
from xstilts.experiments.graph import build
from xstilts.experiments.loading import load_experiment
from xstilts.pipeline.store import Store
from xstilts.runs.planning import plan

TEXT = "{name: text, method: continued_pretraining, text: text/mono, max_tokens: 1500}"
LINES = "{name: text, method: continued_pretraining, text: text/mono, languages: [de, tr], lines: 20}"
TASK = "{name: nli, task: mnli}"
BOTH = "{name: both, task: mnli, after: text}"
ONE = ("targets=[tatoeba]", "pretraining=null")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return studies.write_study(tmp_path_factory.mktemp("continued"))


@pytest.fixture
def own(tmp_path):
    return studies.write_study(tmp_path)


def arms(*given: str) -> str:
    return f"intermediate=[{', '.join(given)}]"


def of_kind(built, kind):
    return [node for node in built.nodes if node.kind == kind]


def test_arms_with_and_without_text_and_task(study):
    built = study.build(*ONE, arms(TEXT, TASK, BOTH), "seeds=[11, 12]")
    (text,) = of_kind(built, "continued_pretraining")
    assert text.label == "continued_pretraining text"
    trained = {node.label: node for node in of_kind(built, "single_task")}
    assert set(trained) == {f"single_task {arm} · seed {seed}" for arm in ("nli", "both") for seed in (11, 12)}
    for seed in (11, 12):
        assert trained[f"single_task both · seed {seed}"].parents["model"].key == text.key
        assert "model" not in trained[f"single_task nli · seed {seed}"].parents
    starts = {(one.arm, one.seed) for one in built.evaluations}
    # retrieval is not fine-tuned: without a task it depends on no seed, after it on each
    assert starts == {("none", None), ("text", None), *((arm, seed) for arm in ("nli", "both") for seed in (11, 12))}


def test_an_arm_without_after_has_the_key_that_it_had(study):
    alone = study.build(*ONE, arms(TASK), "seeds=[11]")
    beside = study.build(*ONE, arms(TEXT, TASK, BOTH), "seeds=[11]")
    (before,) = of_kind(alone, "single_task")
    assert before.key in {node.key for node in of_kind(beside, "single_task")}


def test_lines_are_of_every_language_alike(study):
    built = study.build(*ONE, arms(LINES, TASK), "seeds=[11]")
    (text,) = of_kind(built, "continued_pretraining")
    assert text.params["lines"] == 20
    assert {role for role in text.data if role.startswith("text/")} == {"text/deu-Latn", "text/tur-Latn"}
    (row,) = (row for row in plan(built, study.store, measure=False) if row["kind"] == "continued_pretraining")
    assert row["tokens"] > 0
    by_tokens = study.build(*ONE, arms(TEXT, TASK), "seeds=[11]")
    assert "lines" not in of_kind(by_tokens, "continued_pretraining")[0].params


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((TEXT.replace(", max_tokens: 1500", ""),), "expected either max_tokens or lines"),
        ((TEXT.replace("1500", "1500, lines: 3"),), "expected either max_tokens or lines"),
        ((TASK, BOTH), r"after: unknown earlier arm 'text'; known: nli \(only arms that stand before it"),
        ((BOTH, TEXT), r"after: unknown earlier arm 'text'"),
        ((TEXT, "{name: m, method: multi_task, tasks: [text, mnli]}"), "'text' is an arm on plain text"),
        ((TEXT.replace("1500", "1500, languages: [fi]"),), "no text in fin-Latn"),
        ((TEXT.replace("text/mono", "text/gone"),), "no folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(study, given, words):
    with pytest.raises(ConfigError, match=words):
        study.build(*ONE, arms(*given))


def test_a_decoder_is_refused_and_a_text_to_text_model_is_not(study):
    with pytest.raises(ConfigError, match=r"qwen3:0\.6b \(decoder\) learns no masked LM here.*leave the arm text out"):
        study.build(*ONE, arms(TEXT), "model=qwen3:0.6b", planning=True)
    built = study.build(*ONE, arms(TEXT), "model=mt5:base", planning=True)
    (text,) = of_kind(built, "continued_pretraining")
    assert "heads.text_to_text.masked_lm" in text.versions


def test_the_tiny_profile_leaves_out_what_starts_from_an_arm_without_text(study):
    gone = TEXT.replace("text/mono", "text/gone")
    built = study.build(*ONE, arms(gone, TASK, BOTH), "profile=tiny")
    assert {one.arm for one in built.evaluations} == {"none", "nli"}
    assert any("arm both" in note and "left out" in note for note in built.notes)


@pytest.mark.parametrize("name", ["rq1", "rq1-micro"])
def test_the_ready_experiments_are_a_two_by_two(name, tmp_path):
    experiment = load_experiment(name)
    (text, task, both) = experiment.intermediate
    assert (text.method, both.after, task.after) == ("continued_pretraining", "text", None)
    assert both.model_copy(update={"name": task.name, "after": None}) == task
    assert any(one.less is not None and one.less.arm == task.name for one in experiment.question.contrasts)
    assert len(experiment.seeds) >= 3
    if name == "rq1":
        from xstilts import languages

        divergent = experiment.question.contrasts[0].languages
        types = {language: languages.get(language).morphology for language in experiment.languages}
        assert set(divergent) == {name for name, kind in types.items() if kind not in (None, "fusional")}
        built = build(experiment, data=None, store=Store(tmp_path), planning=True)
        assert of_kind(built, "continued_pretraining")[0].estimate["tokens"] == 200_000_000


@pytest.mark.slow
def test_the_two_by_two_runs_and_answers(own):
    question = "{text: More?, contrasts: [{arm: both, against: text, less: {arm: nli, against: none}}]}"
    settings = (*ONE, arms(LINES, TASK, BOTH), f"question={question}", "targets=[xnli]", "seeds=[11, 12]")
    result = own.run(*settings)
    assert result.outcome.ok, result.outcome.failed
    answer = json.loads((own.folder / "out" / "run.json").read_text(encoding="utf-8"))["answer"]
    assert answer["contrasts"][0]["less"] == {"arm": "nli", "against": "none"}
    assert answer["contrasts"][0]["gain"] is not None
    report = (own.folder / "out" / "report.md").read_text(encoding="utf-8")
    assert "(both − text) − (nli − none)" in report
    assert "deu-Latn 20 lines" in report
    again = own.run(*settings)
    assert not again.outcome.ran


@pytest.mark.slow
def test_a_text_to_text_model_goes_on_reading(own):
    result = own.run(*ONE, arms(TEXT, BOTH), "model=scratch_text_to_text:tiny", "targets=[xnli]", "seeds=[11]")
    assert result.outcome.ok, result.outcome.failed
    (node,) = (node for node in result.outcome.ran if node.kind == "continued_pretraining")
    record = own.store.open(node.key).json("training.json")
    assert record["steps"] >= 1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_rq1_micro_runs_when_it_is_tiny(tmp_path, monkeypatch):
    from xstilts.runs.running import run as run_experiment

    monkeypatch.setattr(made, "TEXT_LINES", 100)
    # tasks that are made quickly
    quick = "tasks=[constructed_pos, micro_pos]"
    tasks = ("targets=[constructed_pos]", f"intermediate.1.{quick}", f"intermediate.2.{quick}")
    settings = ("profile=tiny", "seeds=[11]", *tasks)
    experiment = load_experiment("rq1-micro", settings)
    result = run_experiment(experiment, data=None, store=Store(tmp_path / "store"), out=tmp_path / "out", cores=1)
    assert result.outcome.ok, result.outcome.failed
    cells = {(row["arm"], row["language"]) for row in result.table.results()}
    assert {language for _, language in cells} >= {"qis-Latn", "qag-Latn", "qfu-Latn", "qro-Latn"}
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "in Constructed isolating and Constructed agglutinative" in report
