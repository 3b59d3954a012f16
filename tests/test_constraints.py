"""What `make setup` installs is pinned, and fits what pyproject.toml allows."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
ASKED = [*PROJECT["project"]["dependencies"], *(line for lines in EXTRAS.values() for line in lines)]


def loaded(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PIN = loaded(ROOT / "tools" / "pin.py")


def pins(file: str, python: str) -> dict[str, str]:
    """Name → version for one Python."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found: dict[str, str] = {}
    for requirement in (Requirement(line) for line in lines if not line.startswith("#")):
        if requirement.marker is None or requirement.marker.evaluate({"python_version": python}):
            assert requirement.name not in found, f"{requirement.name} is pinned twice for {python}"
            (only,) = requirement.specifier
            assert only.operator == "==", requirement
            found[requirement.name] = only.version
    return found


@pytest.mark.parametrize("python", PIN.PYTHONS)
def test_every_direct_dependency_is_pinned_within_its_range(python):
    pinned = pins("constraints.txt", python)
    for line in [*ASKED, *PROJECT["build-system"]["requires"], *PIN.BUILDING]:
        requirement = Requirement(line)
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{line}: {version} is pinned"


@pytest.mark.parametrize("python", PIN.PYTHONS)
def test_torch_is_pinned_once_and_brings_no_cuda(python):
    pinned = pins("constraints.txt", python)
    assert pins("constraints-torch.txt", python) == {"torch": pinned["torch"]}
    assert not [name for name in pinned if name.startswith(PIN.CUDA)]


def test_all_pythons_that_we_support_are_pinned():
    named = "Programming Language :: Python :: "
    assert tuple(one.removeprefix(named) for one in PROJECT["project"]["classifiers"] if named in one) == PIN.PYTHONS


def test_what_is_pinned_is_what_was_asked_for():
    assert set(ASKED) <= set(PIN.requirements())


def test_versions_that_differ_between_pythons_carry_a_marker():
    found = {
        "3.11": {"everywhere": "1", "newer": "2.4", "oldest": "7"},
        "3.12": {"everywhere": "1", "newer": "2.5"},
        "3.13": {"everywhere": "1", "newer": "2.5", "latest": "1"},
    }
    assert PIN.lines(found) == [
        "everywhere==1",
        'latest==1 ; python_version >= "3.13"',
        'newer==2.4 ; python_version == "3.11"',
        'newer==2.5 ; python_version >= "3.12"',
        'oldest==7 ; python_version == "3.11"',
    ]


def test_a_python_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(PIN, "PYTHONS", ("3.11", "3.99"))
    with pytest.raises(SystemExit, match=r"no Python 3\.99 on the PATH; name one: --python"):
        PIN.interpreters([])
