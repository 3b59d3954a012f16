"""The checklist of responsible research: what the run knows is answered, and the rest is the authors'."""

from dataclasses import replace

import pytest

from xstilts import registry
from xstilts.analysis.provenance import Training
from xstilts.reports.papers.responsible import FOR_AUTHORS, ITEMS

LETTERS = ["A1", "A2", "B1", "B2", "B3", "B4", "B5", "B6", "C1", "C2", "C3", "C4", "D1", "D2", "D3", "D4", "D5", "E1"]


def training(rate, nodes=1):
    return Training(
        kind="fine_tuning", sets=(("xnli", "train", ("eng-Latn",), None),), recipe={"learning_rate": rate}, nodes=nodes
    )


@pytest.fixture(scope="module")
def told(info):
    machines = [
        {
            "threads of fine_tuning": "1",
            "seconds": 3600.0,
            "tokens": 900,
            "processor": "a CPU",
            "torch": "2.6",
            "python": "3.11.7",
        },
        {"threads of zero_shot": "1", "seconds": 1800.0, "processor": "a CPU", "torch": "2.6"},
    ]
    experiment = (
        "intermediate:\n- {name: mine, task: {files: [a.csv]}}\ntargets:\n- {name: xnli, task: xnli}\n"
        "budget: {max_train_examples: {default: 2000, xnli: 160}, max_eval_examples: 40}\n"
    )
    return replace(
        info, machines=machines, experiment=experiment, model="xlm_roberta:base", trainings=(training(1e-5),)
    )


def answers(table, info):
    text = registry.find("reports", "checklist").render(table, info)
    return {part[:2]: part for part in text.split("\n### ")[1:]}


def test_every_question_is_there_and_none_is_answered_by_a_guess(table, told):
    found = answers(table, told)
    assert [item.letter for item in ITEMS] == LETTERS
    assert set(found) == set(LETTERS)
    for letter in ("A2", "B3", "B4", "D1", "D5", "E1"):
        body = found[letter].strip().splitlines()[1:]
        assert [line for line in body if line and not line.startswith("## ")] == [
            line for line in body if FOR_AUTHORS in line
        ]


def test_parameters_hours_and_infrastructure(table, told):
    text = answers(table, told)["C1"]
    assert "parameters of xlm_roberta:base: " in text
    assert "time of all nodes: 1 h 30 min (1.50 hours)" in text
    assert "processor: a CPU" in text
    assert "fine_tuning 1 h in 1 node" in text


def test_bounds_of_a_search_are_those_of_the_recipes(table, told):
    alone = answers(table, told)["C2"]
    assert "every set is trained on under one recipe" in alone
    assert "| fine_tuning: xnli train (eng-Latn) | 1 | 1e-05 |" in alone
    several = answers(table, replace(told, trainings=(training(1e-5), training(3e-5))))["C2"]
    assert "under several values of learning rate" in several
    assert "3e-05" in several


def test_mean_or_single_run(table, told):
    several = answers(table, told)["C3"]
    assert "Scores are means over 2 seeds (11, 12), never maxima. Brackets give the 95 % interval." in several
    one = replace(table, cells=tuple(replace(cell, seeds=cell.seeds[:1]) for cell in table.cells))
    assert "Scores are single runs" in answers(one, told)["C3"]


def test_licences_splits_and_versions(table, told):
    found = answers(table, told)
    assert "- xnli: CC BY-NC" in found["B2"]
    assert "- mine: licence not known here" in found["B2"]
    assert "| xnli | – | 2,490 | 5,010 | 3 | 60 | 30 | CC BY-NC |" in found["B6"]
    assert "rows per training set: at most 2,000; xnli at most 160" in found["B6"]
    assert "at most 40 examples of each test set and language" in found["B6"]
    assert "- torch 2.6" in found["C4"]
    assert "- python 3.11.7" in found["C4"]


def test_a_model_of_another_machine_has_no_size(table, told):
    assert "parameters of /gone/model: not known here" in answers(table, replace(told, model="/gone/model"))["C1"]
