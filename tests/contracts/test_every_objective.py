"""Every registered objective: described, priced, strict about its options, and found without torch."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
from pydantic import ValidationError

from xstilts import registry
from xstilts.training.objectives.objective import Objective

NAMES = registry.names("training.objectives")


@pytest.fixture(params=NAMES)
def name(request) -> str:
    return str(request.param)


@pytest.fixture
def objective(name) -> type[Objective]:
    found: type[Objective] = registry.find("training.objectives", name)
    return found


def test_today_s_loss_is_among_them():
    assert "plain" in NAMES


def test_is_described(name, objective):
    assert issubclass(objective, Objective)
    assert objective.title
    assert not objective.title.endswith(".")
    assert objective.version >= 1
    assert objective.paper is None or objective.paper.startswith("https://")
    assert set(objective.architectures or ()) <= set(registry.names("models.architectures"))
    assert (importlib.import_module(f"xstilts.training.objectives.{name}").__doc__ or "").strip()


def test_has_a_price(objective):
    assert objective().passes >= 3, "a forward pass, and a backward pass that costs two"


def test_refuses_options_that_it_does_not_know(objective):
    with pytest.raises(ValidationError):
        objective(**{"no such option": 1})
    assert objective(**objective().params()) == objective()


def test_looking_objectives_up_never_imports_torch():
    code = (
        "import sys; from xstilts import registry; registry.modules('training.objectives'); "
        "sys.exit(any(m in sys.modules for m in ('torch', 'transformers', 'datasets', 'accelerate')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
