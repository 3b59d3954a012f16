"""A method of somebody else's, by one file and an entry point: named, listed, shown, planned, priced, run, reported."""

from __future__ import annotations

import json

import pytest

import studies
from xstilts.cli import main
from xstilts.errors import ConfigError
from xstilts.phases.methods import methods, sentence_of
from xstilts.runs.planning import plan

ONE = ("targets=[xnli]", "languages=[de]", "pretraining=null")
EASY = "{name: easy, method: curriculum, task: mnli, stages: [0.5]}"
PLAIN = "{name: plain, task: mnli}"


@pytest.fixture
def study(tmp_path, plugin):
    return studies.write_study(tmp_path)


def arms(*given: str) -> str:
    return f"intermediate=[{', '.join(given)}]"


def of_kind(built, kind):
    return [node for node in built.nodes if node.kind == kind]


def test_without_the_package_there_is_no_such_method(tmp_path):
    with pytest.raises(ConfigError, match=r"intermediate\.0\.method: unknown method 'curriculum'"):
        studies.write_study(tmp_path).experiment(arms(EASY))
    assert "curriculum" not in methods()


def test_it_is_listed_and_shown_with_its_keys(plugin, capsys):
    assert main(["list", "methods", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert {"curriculum", "filtered", "multi_task", "single_task", "distillation", "masked_lm"} < set(rows)
    assert rows["curriculum"]["options"]["stages"]["default"] == [0.3, 0.7]
    assert rows["curriculum"]["notes"].startswith("A node of its own puts the examples in order")
    assert main(["show", "curriculum"]) == 0
    shown = capsys.readouterr().out
    assert "title: Easy examples first" in shown
    assert "  stages ([0.3, 0.7]): Shares of the examples" in shown
    assert "  task (required): " in shown


@pytest.mark.parametrize(
    ("arm", "words"),
    [
        (EASY.replace("stages", "stagse"), r"intermediate\.0\.stagse: unknown key 'stagse'; did you mean 'stages'\?"),
        (EASY.replace("[0.5]", "[0.5, 1.5]"), r"intermediate\.0\.stages\.1: 1.5 is out of range; expected less than 1"),
        (EASY.replace("[0.5]", "[0.5, 0.2]"), r"intermediate\.0\.stages: each stage draws from more examples"),
        (EASY.replace("mnli", "mnlli"), r"intermediate\.0\.task: unknown task 'mnlli'; did you mean 'mnli'"),
        (EASY.replace("stages: [0.5]", "cap: 3"), "not a key of an arm with method: curriculum, but of multi_task"),
        ("{name: x, task: mnli, stages: [0.5]}", "not a key of an arm with method: single_task, but of curriculum"),
    ],
)
def test_its_keys_are_checked_like_all_others(study, arm, words):
    with pytest.raises(ConfigError, match=words):
        study.experiment(arms(arm))


def test_its_nodes(study):
    built = study.build(*ONE, arms(EASY, PLAIN))
    trained, (order,) = of_kind(built, "curriculum"), of_kind(built, "curriculum.order")
    assert {node.params["seed"] for node in trained} == {11, 12}
    assert all(node.parents["order"] == order for node in trained), "the order is the same for all seeds"
    assert order.params["dataset"]["task"] == "mnli"
    assert order.versions["phases.curriculum.order"] == 1
    (plain, *_) = of_kind(built, "single_task")
    twin = next(node for node in trained if node.params["seed"] == plain.params["seed"])
    assert twin.params == {**plain.params, "stages": [0.5]}
    other = study.build(*ONE, arms(EASY.replace("0.5", "0.6"), PLAIN))
    assert of_kind(other, "curriculum.order") == [order]
    assert not set(of_kind(other, "curriculum")) & set(trained)
    assert of_kind(other, "single_task") == of_kind(built, "single_task")


def test_its_training_set_may_be_lent(study):
    multi = "{name: both, method: multi_task, tasks: [easy, xnli]}"
    (node, *_) = of_kind(study.build(*ONE, arms(EASY, multi)), "multi_task")
    assert [task["train"]["task"] for task in node.params["tasks"]] == ["mnli", "mnli"]


def test_a_tiny_run_leaves_it_out_without_its_data(study, monkeypatch):
    monkeypatch.setattr("xstilts.data.downloads._head", _offline)
    built = study.build(*ONE, "profile=tiny", arms(EASY.replace("mnli", "qqp"), PLAIN))
    assert [arm.name for arm in built.experiment.intermediate] == ["plain"]
    assert any("arm easy is left out: qqp, train, eng-Latn" in note for note in built.notes)


def _offline(hub):
    from xstilts.data.downloads import HubError

    raise HubError("no connection")


@pytest.mark.slow
def test_it_is_priced_run_and_reported(study, monkeypatch):
    settings = (*ONE, "seeds=[11]", "recipe.max_steps=4", arms(EASY, PLAIN))
    built = study.build(*settings)
    rows = {row["kind"]: row for row in plan(built, study.store)}
    assert rows["curriculum"]["tokens"] == rows["single_task"]["tokens"] > 0
    assert rows["curriculum.order"]["tokens"] == 0
    result = study.run(*settings)
    assert result.outcome.ok, result.outcome.failed
    assert {row["arm"] for row in result.table.results()} == {"none", "easy", "plain"}
    (easy,), (plain,) = (of_kind(built, kind) for kind in ("curriculum", "single_task"))
    records = [study.store.open(node.key).json("training.json") for node in (easy, plain)]
    assert records[0]["steps"] == records[1]["steps"]
    assert records[0]["losses"] != records[1]["losses"]
    order = study.store.open(easy.parents["order"].key).json("order.json")
    assert sorted(order) == list(range(20))
    report = (study.folder / "out" / "report.md").read_text(encoding="utf-8")
    assert "mnli; easy examples first, in stages of 50%" in report
    assert not study.run(*settings).outcome.ran


def test_the_report_of_a_run_whose_method_is_not_installed_says_so():
    keys = {"name": "easy", "method": "curriculum", "task": "mnli", "stages": [0.5]}
    assert sentence_of(keys) == "method curriculum, which is not installed here"
    assert sentence_of({"name": "x", "task": "mnli", "key_of_tomorrow": 1}) == ""
