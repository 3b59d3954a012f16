"""Everything with a name is listed and shown."""

from __future__ import annotations

import json
import types
from pathlib import Path

import pytest
from pydantic import Field

from xstilts import registry
from xstilts.cli import catalogue, main
from xstilts.cli.catalogue import CATALOGUE, COLUMNS
from xstilts.cli.options import LISTED
from xstilts.phases.methods import methods, pretraining_methods
from xstilts.training.objectives.choice import ROOM
from xstilts.training.objectives.objective import Objective


def listed(capsys, what) -> list[dict]:
    assert main(["list", what, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_help_names_what_the_catalogue_has():
    assert "|".join(CATALOGUE) == LISTED
    assert f"xstilts list {LISTED}" in (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")


@pytest.mark.parametrize("what", CATALOGUE)
def test_every_list_prints_as_a_table_and_as_json(capsys, what):
    rows = listed(capsys, what)
    assert isinstance(rows, list)
    assert main(["list", what]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == len(rows) + 1


def test_lists_are_those_of_the_registry(capsys):
    assert [row["name"] for row in listed(capsys, "tasks")] == list(registry.names("tasks"))
    assert [row["name"] for row in listed(capsys, "methods")] == [*methods(), *pretraining_methods()]
    assert [row["name"] for row in listed(capsys, "objectives")] == list(registry.names(ROOM))
    assert {row["name"].partition(":")[0] for row in listed(capsys, "models")} <= set(registry.names("models"))
    assert "real-small" in [row["name"] for row in listed(capsys, "experiments")]
    assert "swa-Latn" in [row["name"] for row in listed(capsys, "languages")]


def test_every_column_of_a_list_is_a_field(capsys):
    for what, columns in COLUMNS.items():
        for row in listed(capsys, what):
            assert set(columns) <= set(row)


def test_an_unknown_list(capsys):
    assert main(["list", "task"]) == 2
    assert "did you mean 'tasks'?" in capsys.readouterr().err
    assert main(["list", "zebras"]) == 2
    assert (
        "known: augmentations, claims, experiments, formats, languages, methods, models, objectives, predictors, tasks"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "what", ["tasks", "models", "methods", "objectives", "predictors", "augmentations", "experiments"]
)
def test_everything_listed_is_shown(capsys, what):
    for row in listed(capsys, what):
        assert main(["show", row["name"], "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["name"] == row["name"]
        assert main(["show", row["name"]]) == 0
        assert capsys.readouterr().out.startswith(f"{what.removesuffix('s')} {row['name']}\n")


@pytest.mark.parametrize("name", ["sw", "swa-Latn"])
def test_a_language_is_shown_by_any_code(capsys, name):
    assert main(["show", name, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["name"], found["title"]) == ("language", "swa-Latn", "Swahili")


def test_a_family_is_shown_with_its_checkpoints(capsys):
    assert main(["show", "xlm_roberta"]) == 0
    shown = capsys.readouterr().out
    assert "xlm_roberta:large: 557,991,936 weights" in shown


def test_a_ready_experiment_is_shown_whole(capsys):
    assert main(["show", "real-small"]) == 0
    assert "name: real-small" in capsys.readouterr().out


def test_a_method_is_shown_with_the_keys_that_it_adds(capsys):
    assert main(["show", "multi_task"]) == 0
    shown = capsys.readouterr().out
    assert "  tasks (required): Earlier arms, whose training sets are used" in shown
    assert "  mixture (proportional): How often a task is drawn" in shown
    assert "  cap (none): " in shown
    assert "paper: https://arxiv.org/abs/2005.13013" in shown
    assert "recipe" not in shown


def test_an_objective_is_shown_with_its_options_and_cost(capsys, monkeypatch):
    module = types.ModuleType("adversarial", "Steps against the gradient.\n\nThe embeddings are moved.")
    module.OBJECTIVE = Adversarial
    assert main(["show", "plain", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["kind"], plain["options"], plain["forward_passes"]) == ("objective", {}, 3)
    assert plain["architectures"] == ["decoder", "encoder", "text_to_text"]
    monkeypatch.setattr(registry, "modules", lambda room: {"adversarial": module} if room == ROOM else {})
    monkeypatch.setattr(registry, "names", lambda room: ("decoder", "encoder"))
    row = catalogue.objectives()["adversarial"]
    assert row["options"] == {"strength": {"required": True, "text": "How far."}, "steps": {"default": 2}}
    assert (row["forward_passes"], row["architectures"], row["version"]) == (None, ["encoder"], 3)
    assert (row["paper"], row["notes"]) == ("https://example.org/paper", "The embeddings are moved.")


class Adversarial(Objective):
    """An objective of somebody else's package."""

    title = "Moves embeddings against the gradient"
    paper = "https://example.org/paper"
    version = 3
    architectures = ("encoder",)
    strength: float = Field(description="How\n    far.")
    steps: int = 2

    def loss(self, model, batch, task):
        """What the head gives."""
        return model(batch, task)


def test_a_phase_that_no_arm_may_name_is_no_method(capsys):
    assert main(["show", "zero_shot"]) == 2
    assert "unknown name 'zero_shot'" in capsys.readouterr().err


def test_an_unknown_name(capsys):
    assert main(["show", "xnil"]) == 2
    assert "did you mean 'xnli'?" in capsys.readouterr().err
