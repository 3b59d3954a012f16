"""Arms on a subset: their nodes, the arm on random rows beside each, and what is refused while planning."""

import pytest

import studies
from xstilts.errors import ConfigError, DataError
from xstilts.experiments.loading import load_experiment

ONE = ("targets=[xnli]", "languages=[de]", "pretraining=null")
HARD = "{name: hard, method: cartography, task: mnli, region: hard, fraction: 0.5}"


@pytest.fixture
def study(tmp_path):
    return studies.write_study(tmp_path)


def arms(*given):
    return f"intermediate=[{', '.join(given)}]"


def of_kind(built, kind):
    return [node for node in built.nodes if node.kind == kind]


def test_a_random_arm_accompanies_it(study):
    built = study.build(*ONE, arms(HARD))
    assert [arm.name for arm in built.experiment.intermediate] == ["hard", "hard.random"]
    (dynamics,), (choice,) = of_kind(built, "cartography.dynamics"), of_kind(built, "cartography.choice")
    assert choice.parents["dynamics"] == dynamics
    assert dynamics.params["recipe"]["epochs"] == 5
    drawn = of_kind(built, "cartography.matched")
    assert sorted(node.params["seed"] for node in drawn) == [11, 12], "random rows are drawn anew for every seed"
    assert all(node.parents["subset"] == choice for node in drawn)
    trained = of_kind(built, "cartography")
    assert len(trained) == 4
    assert {node.parents["0/train/subset"].kind for node in trained} == {"cartography.choice", "cartography.matched"}


def test_the_experiment_that_is_recorded_names_it_and_says_the_same(study, tmp_path):
    built = study.build(*ONE, arms(HARD))
    again = tmp_path / "again.yaml"
    again.write_text(built.experiment.as_yaml(), encoding="utf-8")
    assert [arm.name for arm in load_experiment(again).intermediate] == ["hard", "hard.random"]


def test_another_region_is_another_choice_by_the_same_dynamics(study):
    easy = HARD.replace("region: hard", "region: easy")
    one, other = study.build(*ONE, arms(HARD)), study.build(*ONE, arms(easy))
    assert of_kind(one, "cartography.dynamics") == of_kind(other, "cartography.dynamics")
    assert of_kind(one, "cartography.choice") != of_kind(other, "cartography.choice")


def test_filtering_leaves_the_rows_of_its_warm_up_out(study):
    built = study.build(*ONE, arms("{name: f, method: aflite, task: mnli}"))
    (choice,), (warm,) = of_kind(built, "aflite.choice"), of_kind(built, "aflite.warm_up")
    assert choice.parents["model"] == warm
    assert choice.parents["warm_up/subset"] == warm.parents["0/train/subset"]


@pytest.mark.parametrize(
    ("arm", "words"),
    [
        (HARD.replace("region: hard", "region: hrad"), r"region: unknown region 'hrad'; did you mean 'hard'"),
        (HARD.replace("0.5", "1.5"), r"intermediate\.0\.fraction: 1.5 is out of range"),
        (HARD.replace("0.5", "0"), r"intermediate\.0\.fraction: 0 is out of range"),
        (HARD.replace("mnli", "squad_v1"), "squad_v1 is of kind extractive_qa, whose answers have a structure"),
        (HARD.replace("mnli", "udpos"), "udpos is of kind tagging, whose answers have a structure"),
        ("{name: r, method: rule, rule: lenght, task: mnli}", r"unknown rule 'lenght'; did you mean 'length'"),
        ("{name: r, method: rule, rule: rows, task: mnli}", r"intermediate\.0: rule: rows needs a file"),
        ("{name: r, method: rule, rule: rows, task: mnli, file: gone.tsv}", r"\.file: there is no file 'gone.tsv'"),
        ("{name: r, method: rule, rule: hypothesis_only, task: mnli, end: low}", "has no end: it decides itself"),
        ("{name: f, method: aflite, task: mnli, k: 2.5}", "2.5 is neither a share"),
        ("{name: a, method: anli_rounds, rounds: [R4]}", "unknown round 'R4'"),
        (HARD.replace("fraction: 0.5", "chooser: 'scratch:small'"), r"\.chooser: scratch:small starts from scratch"),
    ],
)
def test_what_cannot_be_is_refused_while_planning(study, arm, words):
    with pytest.raises(ConfigError, match=words):
        study.build(*ONE, arms(arm))


@pytest.mark.parametrize("method", ["method: cartography, region: hard, ", "method: rule, rule: length, ", ""])
@pytest.mark.parametrize("gold", ["", "-1"])
def test_a_set_without_a_label_is_refused_by_what_it_lacks(study, method, gold):
    """Its kind would do, and its labels are named: there are none in the file."""
    head, *rows = (study.data / "own/nli.csv").read_text("utf-8").splitlines()
    bare = "\n".join([head, *(f"{row.rpartition(',')[0]},{gold}" for row in rows)])
    (study.data / "own/bare.csv").write_text(bare + "\n", encoding="utf-8")
    labels = "[entailment, neutral, contradiction]"
    task = f"{{files: [own/bare.csv], kind: pair_classification, labels: {labels}}}"
    words = r"own/bare\.csv: none of its 24 rows has a gold, so there is nothing to learn or to choose among"
    with pytest.raises(DataError, match=words):
        study.build(*ONE, arms(f"{{name: bare, {method}task: {task}}}"))


def test_a_chooser_has_to_decide(study):
    with pytest.raises(ConfigError, match="writes its answers as text"):
        study.build(*ONE, "model=mt5:small", arms(HARD))


def test_the_name_of_a_companion_is_taken(study):
    with pytest.raises(ConfigError, match=r"intermediate\.1\.name: 'hard.random' is the arm that accompanies hard"):
        study.experiment(*ONE, arms(HARD, "{name: hard.random, task: mnli}"))
