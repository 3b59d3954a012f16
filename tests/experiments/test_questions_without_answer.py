"""Questions without an answer in the graph: metric, labels and data of training, selection and evaluation agree."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from xstilts.errors import DataError
from xstilts.experiments.experiment_graph import ExperimentGraph
from xstilts.experiments.graph import build
from xstilts.experiments.loading import load_experiment
from xstilts.pipeline.store import Store

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "tasks"
EXPERIMENT = """
name: made
model: scratch:small
intermediate: [{intermediate}]
targets: [{targets}]
seeds: [11]
recipe: {{epochs: 3}}
"""
ABSTAINING, ANSWERING = ["no_answer"], []


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("squad_v1", "squad_v2", "xquad"):
        shutil.copytree(FIXTURES / name, tmp_path / "data", dirs_exist_ok=True)
    return tmp_path / "data"


def study(data: Path, *, targets: str, intermediate: str = "", planning: bool = False) -> ExperimentGraph:
    file = data.parent / "made.yaml"
    file.write_text(EXPERIMENT.format(intermediate=intermediate, targets=targets))
    return build(load_experiment(file, ()), data=data, store=Store(data.parent / "store"), cores=1, planning=planning)


def labels(built: ExperimentGraph) -> dict[str, list[list[str]]]:
    """Kind of node → the labels of its datasets: of the rows that train and that select, or that are evaluated."""
    found: dict[str, list[list[str]]] = {}
    for node in built.nodes:
        for task in node.params.get("tasks", ()) if node.kind in ("fine_tuning", "single_task") else ():
            found[node.kind] = [task["train"]["labels"], task["dev"]["labels"]]
        if node.kind == "zero_shot":
            found[node.kind] = [node.params["dataset"]["labels"]]
    return found


def test_squad_2_is_trained_selected_and_evaluated_as_a_target_that_may_abstain(data: Path) -> None:
    found = labels(study(data, targets="squad_v2"))
    assert found == {"fine_tuning": [ABSTAINING, ABSTAINING], "zero_shot": [ABSTAINING]}


@pytest.mark.parametrize("targets", ["xquad", "{task: xquad, train_on: squad_v2}"])
def test_where_every_question_has_an_answer_nothing_may_be_abstained_from(data: Path, targets: str) -> None:
    found = labels(study(data, targets=targets, intermediate="squad_v2"))
    assert found["fine_tuning"] == [ANSWERING, ANSWERING]
    assert found["zero_shot"] == [ANSWERING]
    assert found["single_task"] == [ANSWERING, ANSWERING], "an arm has the key that it always had"


def rows(file: Path, *answers: str) -> None:
    context = "Kofi reads in Accra."
    listed = [
        {"context": context, "question": f"Where {number}?", "answers": {"text": [text] if text else []}}
        for number, text in enumerate(answers)
    ]
    file.write_text(json.dumps({"data": listed}))


def own(data: Path, more: str = "") -> ExperimentGraph:
    task = f"{{files: train.json, kind: extractive_qa, test: {{de: test.json}}{more}}}"
    return study(data, targets=f"{{name: mine, task: {task}}}", planning=True)


def test_a_task_of_ones_own_decides_and_says_so(data: Path) -> None:
    rows(data / "train.json", *["Accra", ""] * 5)
    rows(data / "test.json", "", "Accra")
    built = own(data)
    assert built.metrics == {"mine": "squad_v2"}
    assert labels(built)["zero_shot"] == [ABSTAINING]
    assert any("6 of 12 questions have no answer: metric squad_v2" in note for note in built.notes)


def test_a_test_set_that_the_metric_does_not_take_is_refused_while_planning(data: Path) -> None:
    rows(data / "train.json", *["Accra"] * 10)
    rows(data / "test.json", "Accra", "")
    with pytest.raises(DataError, match=r"test\.json: example 2: the question 'Where 1\?' has no answer"):
        own(data, ", metric: squad_v1")
    built = own(data, ", metric: squad_v2")
    assert labels(built) == {"fine_tuning": [ABSTAINING, ABSTAINING], "zero_shot": [ABSTAINING]}
