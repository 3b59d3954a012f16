"""Every registered phase: described, versioned, and run by the tiny study (token caches are derived by it)."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import studies
from xstilts import registry
from xstilts.errors import XstiltsError
from xstilts.phases.phase import Phase
from xstilts.pipeline.progress import Silent

NAMES = registry.names("phases")
DERIVED = ("token_cache",)


@pytest.fixture(params=NAMES)
def name(request) -> str:
    return str(request.param)


@pytest.fixture
def phase(name) -> Phase:
    found: Phase = registry.find("phases", name)
    return found


@pytest.fixture(scope="module")
def entries():
    """Kind → manifests of the study."""
    found: dict[str, list] = {}
    for row in studies.finished()[0].store.ls():
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
        assert row["derived"] == (name in DERIVED)
        assert row["identity"]["versions"][f"phases.{name}"] == registry.find("phases", name).version
        assert row["files"]


def test_its_manifest_says_how_it_came_about(name, entries):
    if name in DERIVED:
        pytest.skip("what is derived records rows, not machines")
    for row in entries[name]:
        facts = row["facts"]
        assert facts["seconds"] >= 0
        assert facts["threads"] == 1
        assert facts["tokens"] > 0 or name == "tokenizer"
        assert facts["device"]
        assert {"processor", "python", "torch", "transformers", "tokenizers", "xstilts"} <= facts.keys()


def test_those_that_train_leave_a_checkpoint(name, phase, entries):
    for row in entries[name]:
        assert ("model.safetensors" in row["files"]) == phase.trains
        assert ("training.json" in row["files"]) == phase.trains
        if phase.trains:
            assert {"config.json", "tokenizer.json", "xstilts.json"} <= row["files"].keys()


def test_a_token_cache_is_never_run_as_a_node():
    study, _ = studies.finished()
    with pytest.raises(XstiltsError, match="derived by the nodes that read them"):
        registry.find("phases", "token_cache").run([], study.store, Silent())


def test_looking_phases_up_never_imports_torch():
    code = (
        "import sys; from xstilts import registry; registry.modules('phases'); "
        "sys.exit(any(m in sys.modules for m in ('torch', 'transformers', 'datasets', 'accelerate')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
