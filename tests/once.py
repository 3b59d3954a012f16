"""What several test files need and takes long to make: made once, whichever test process needs it first."""

from __future__ import annotations

import fcntl
import functools
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
FOLDER = "XSTILTS_TESTS_FOLDER"
"""Names the folder of a session in the environment, where all its processes find it."""


def begin() -> None:
    """Makes the folder of a session, in its first process."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="xstilts-tests-")


def end() -> None:
    """Removes it, in the same."""
    shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)


def made(name: str, make: Callable[[Path], T]) -> T:
    """What ``make`` gives for a new folder, which nobody may change; only the first process of a session calls it.

    To the others it is handed on as a pickle, which lives as long as the session and is opened by it alone.
    """
    base = Path(os.environ[FOLDER])
    result = base / f"{name}.pickle"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.exists():
            shutil.rmtree(base / name, ignore_errors=True)  # another process failed to make it
            (base / name).mkdir()
            value = make(base / name)
            result.write_bytes(pickle.dumps(value))
    return pickle.loads(result.read_bytes())


def once(name: str) -> Callable[[Callable[[Path], T]], Callable[[], T]]:
    """Decorates what fills a new folder: called without one, and run once for all processes of a session."""

    def decorate(make: Callable[[Path], T]) -> Callable[[], T]:
        @functools.cache
        @functools.wraps(make)
        def found() -> T:
            return made(name, make)

        return found

    return decorate


def microworld() -> Path:
    """Where the datasets of the microworld are, of which each file is made by whoever needs it first."""
    folder = Path(os.environ[FOLDER]) / "made"
    folder.mkdir(exist_ok=True)
    return folder


def share_microworld(store: Path, *tasks: str) -> Path:
    """Lets a store, which need not be there, take the data of these tasks of the microworld from the session's."""
    from xstilts import registry
    from xstilts.data import made

    for task in tasks:
        name = registry.find("tasks", task).made.name
        here, shared = (folder / made._version() / name for folder in (store / made.FOLDER, microworld()))
        here.parent.mkdir(parents=True, exist_ok=True)
        shared.mkdir(parents=True, exist_ok=True)
        here.symlink_to(shared)
    return store
