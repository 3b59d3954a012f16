"""Objectives while planning: their price, what is refused with one message, and what bf16 loses."""

from __future__ import annotations

import pytest

import studies
from xstilts.errors import ConfigError
from xstilts.phases.options.objective import check_objective
from xstilts.phases.options.validation import ExperimentError

ONE = ("targets=[xnli]", "languages=[de]", "pretraining=null", "seeds=[11]")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return studies.write_study(tmp_path_factory.mktemp("objectives"))


def arm(objective: str) -> str:
    return f"intermediate=[{{name: one, task: mnli, objective: {objective}}}]"


@pytest.mark.parametrize(
    ("objective", "passes"),
    [("plain", 3), ("fgm", 6), ("pgd", 5), ("freelb", 6), ("{name: freelb, steps: 3}", 9), ("smart", 8), ("r3f", 6)],
)
def test_its_passes_are_in_the_price(study, objective, passes):
    (node,) = (one for one in study.build(*ONE, arm(objective)).nodes if one.kind == "single_task")
    assert node.estimate["passes"] == passes
    assert ("objective" in node.params) == (objective != "plain")


@pytest.mark.parametrize(
    ("objective", "said"),
    [
        ("{name: freelb, step: 2}", "unknown key 'step'; did you mean 'steps'?"),
        ("{name: freelb, steps: 1}", "steps: 1 is out of range; expected at least 2"),
        ("{name: pgd, norm: l3}", "norm: unknown value 'l3'"),
        ("{name: fgm, epsilon: 0}", "epsilon: 0 is out of range"),
        ("freeLB", "unknown objective 'freeLB'; did you mean 'freelb'?"),
    ],
)
def test_options_are_checked(study, objective, said):
    with pytest.raises(ExperimentError) as error:
        study.experiment(*ONE, arm(objective))
    assert said in str(error.value)


def test_a_loss_over_pairs_of_a_micro_batch_is_refused():
    with pytest.raises(ConfigError) as error:
        check_objective({"name": "smart"}, "encoder", ["dual_encoder"], where="targets.0", whose="target answers")
    message = str(error.value)
    assert message.startswith("targets.0.objective: smart compares what the model says of single examples")
    assert "leave it out for the plain loss" in message


def test_noise_that_bf16_loses_is_a_note(study):
    said = {
        precision: [
            note for note in study.build(*ONE, arm("r3f"), f"recipe.precision={precision}").notes if "r3f" in note
        ]
        for precision in ("bf16", "fp32")
    }
    assert len(said["bf16"]) == 1
    assert said["bf16"][0].startswith("arm one: r3f: noise of 1e-05 is below what embeddings keep in bf16")
    assert said["fp32"] == []
