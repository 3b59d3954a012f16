"""Fixtures that every room's tests may use."""

from __future__ import annotations

import gc
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

LONGEST = (
    "contracts/test_every_task.py",
    "end_to_end/test_s3_store.py",
    "end_to_end/test_kill.py",
    "phases/test_golden_numbers.py",
    "end_to_end/test_damage.py",
    "end_to_end/test_decoder_study.py",
    "microworld/test_sets.py",
    "training/test_ranks.py",
    "cli/test_own_task.py",
    "end_to_end/test_dual_encoder_study.py",
    "test_house.py",
    "heads/test_nearest.py",
    "training/test_resume.py",
    "contracts/test_kind_of_a_third_party.py",
    "phases/test_distillation_kill.py",
)
"""The files whose tests take longest, in this order the first to be begun: what begins last keeps nobody waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first; the tests of a file stay together."""
    places = {ROOT / "tests" / file: place for place, file in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """What all tests share stays until the end: nobody looks through it for garbage again and again."""
    gc.collect()
    gc.freeze()


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
def at_once() -> Iterator[None]:
    """Runs compute in the process of the tests: for those that are not about processes."""
    from at_once import workers

    with workers():
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

    def unpacked(_: Path) -> Path:
        subprocess.run(["bash", str(unpack), str(target)], check=True, stdout=subprocess.DEVNULL)
        return target

    return once.made("shared_data", unpacked)
