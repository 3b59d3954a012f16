"""Locks between processes on one machine's file system (``flock``); the kernel releases those of a dead owner."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def locked(path: Path, *, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock file ``path``; waits for its owner.

    Args:
        path: the lock file, made where there is none.
        on_wait: called once if somebody else holds it.
    """
    handle = _acquire(path, wait=False)
    if handle is None:
        if on_wait is not None:
            on_wait()
        handle = _acquire(path, wait=True)
    assert handle is not None
    with _releasing(handle):
        yield


@contextlib.contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Hold ``path`` and yield True, or yield False at once where somebody else holds it or it is gone."""
    try:
        handle = _acquire(path, wait=False)
    except FileNotFoundError:
        handle = None
    if handle is None:
        yield False
        return
    with _releasing(handle):
        yield True


def _acquire(path: Path, *, wait: bool) -> int | None:
    while True:
        # A folder can be locked as well; only a file can be made.
        flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
        handle = os.open(path, flags | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            # A cleaner may have removed the file between our opening and our locking it.
            if os.fstat(handle).st_ino == path.stat().st_ino:
                return handle
        except BlockingIOError:
            os.close(handle)
            return None
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


@contextlib.contextmanager
def _releasing(handle: int) -> Iterator[None]:
    try:
        yield
    finally:
        # Explicitly: a forked child shares the lock, and closing our end alone would leave it held.
        fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)
