"""Fixtures that every room's tests may use."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import once

# A busy machine is no defect: no test is timed, generated ones neither.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """What is made once for a session lies in a folder that its first process makes, and the others inherit."""
    if not hasattr(config, "workerinput"):
        once.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    """And that the first removes."""
    if not hasattr(config, "workerinput"):
        once.end()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test writes into the cache of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        cache = tmp_path_factory.getbasetemp() / "cache"
        (cache / "xstilts").mkdir(parents=True)
        (cache / "xstilts" / "made").symlink_to(once.microworld())
        patch.setenv("XDG_CACHE_HOME", str(cache))
        yield


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package under tests/plugin, as if it were installed: here, and in the worker processes of a run."""
    from xstilts import registry

    registry.modules.cache_clear()
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tests" / "plugin"))
        yield
    registry.modules.cache_clear()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The unpacked real datasets, or a skip that says why."""
    named = os.environ.get("XSTILTS_SHARED_DATA")
    if named:
        return Path(named)
    unpack = ROOT.parent / "shared" / "data" / "unpack"
    if not unpack.exists():
        pytest.skip("no real data: ../shared/data/unpack does not exist and XSTILTS_SHARED_DATA is not set")
    target = ROOT / ".shared-data"
    subprocess.run(["bash", str(unpack), str(target)], check=True, stdout=subprocess.DEVNULL)
    return target
