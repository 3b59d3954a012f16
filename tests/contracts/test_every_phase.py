"""Every registered phase: described, versioned, and run by the tiny study; every method with its arm."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import choosing
import continuing
import distilled
import mixing
import predicted
import students
import studies
from xstilts import registry
from xstilts.errors import UnknownName
from xstilts.phases.methods import methods, options_of, phase_of
from xstilts.phases.options.arm import DEFAULT_METHOD, Arm
from xstilts.phases.phase import Method, Phase
from xstilts.pipeline.store import Store

NAMES = registry.names("phases")


@pytest.fixture(params=NAMES)
def name(request) -> str:
    return str(request.param)


@pytest.fixture
def phase(name) -> Phase:
    found: Phase = registry.find("phases", name)
    return found


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    """Kind → manifests of the studies, of a distillation, and of a student's vocabulary."""
    found: dict[str, list] = {}
    store, world = Store(tmp_path_factory.mktemp("distilled") / "store"), distilled.world()
    distilled.run(world.node(store, layers=[2, 4]), store)
    several = [of.finished()[0].store for of in (studies, choosing, mixing, continuing, predicted)]
    ran = [*several, store, students.finished().store]
    for row in (one for of_one in ran for one in of_one.ls()):
        found.setdefault(row["kind"], []).append(row)
    return found


def test_is_described(name, phase):
    assert isinstance(phase, Phase)
    assert phase.title
    assert phase.title[0].isupper()
    assert not phase.title.endswith(".")
    assert phase.version >= 1
    assert phase.paper is None or phase.paper.startswith("https://")
    assert (importlib.import_module(f"xstilts.phases.{name}").__doc__ or "").strip()


def test_the_study_runs_it(name, entries):
    assert entries[name]
    for row in entries[name]:
        assert not row["derived"]
        assert row["identity"]["versions"][f"phases.{name}"] == registry.find("phases", name).version
        assert row["files"]


def test_its_manifest_says_how_it_came_about(name, entries):
    for row in entries[name]:
        facts = row["facts"]
        assert facts["seconds"] >= 0
        assert facts["threads"] == 1
        assert facts["tokens"] > 0 or name in ("tokenizer", "student_vocabulary", "neighbours")
        assert facts["device"]
        assert {"processor", "python", "torch", "transformers", "tokenizers", "xstilts"} <= facts.keys()


def test_those_that_train_leave_a_checkpoint(name, phase, entries):
    for row in entries[name]:
        assert ("model.safetensors" in row["files"]) == phase.trains
        assert ("training.json" in row["files"]) == (phase.trains or name == "few_shot_proxy")
        if phase.trains:
            assert {"config.json", "tokenizer.json", "xstilts.json"} <= row["files"].keys()


@pytest.mark.parametrize("method", methods())
def test_a_method_describes_the_keys_that_it_adds(method):
    found = methods()[method]
    assert isinstance(found, Method)
    assert issubclass(found.arm, Arm)
    assert found.trains, "targets are fine-tuned from what it leaves"
    assert all(key["text"] for key in options_of(found.arm).values())
    assert (found.arm.__doc__ or "").strip()


def test_the_default_is_a_method():
    assert DEFAULT_METHOD in methods()


def test_a_token_cache_is_derived_and_no_phase(entries):
    assert entries["token_cache"]
    assert all(row["derived"] for row in entries["token_cache"])
    with pytest.raises(UnknownName):
        phase_of("token_cache")
    with pytest.raises(UnknownName, match="unknown step of zero_shot 'order'"):
        phase_of("zero_shot.order")


def test_looking_phases_up_never_imports_torch():
    code = (
        "import sys; from xstilts import registry; registry.modules('phases'); "
        "sys.exit(any(m in sys.modules for m in ('torch', 'transformers', 'datasets', 'accelerate')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
