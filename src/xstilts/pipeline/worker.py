"""A warm worker process: takes batches of nodes as lines of JSON, computes them, answers with lines of JSON."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
from typing import Any, BinaryIO

from xstilts.pipeline.computing import compute
from xstilts.pipeline.locations import open_store
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.wire import decode_nodes

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
_UPDATE_EVERY = 0.2


def main(*, run: str, location: str, root: str) -> None:
    """Serve batches until the parent closes the pipe or dies.

    Args:
        run: import string of ``function(nodes, store, progress)``.
        location: of the store.
        root: its directory on this machine.
    """
    # Only we talk to the parent: what a library prints goes to stderr, and nobody reads our commands away.
    commands = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 – a descriptor is needed, not a path
        os.dup2(nothing.fileno(), 0)
    _die_with_parent()
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(commands, waiting), daemon=True).start()
    pipe = _Pipe(answers)
    logging.getLogger("xstilts").addHandler(_Notes(pipe))
    store = open_store(location, mirror=root)
    while True:
        nodes = decode_nodes(waiting.get())
        for variable in THREAD_VARIABLES:
            os.environ[variable] = str(nodes[0].threads)
        results = compute(nodes, store, pipe, run)
        pipe.send({"event": "end", "results": results})


class _Pipe:
    """The ``Progress`` of a phase in a worker: passed on to the parent, updates not more often than useful."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._lock = threading.Lock()
        self._last = ("", 0.0)

    def update(self, phase: str, step: int, total: int, *, tokens: int = 0, message: str = "") -> None:
        now = time.monotonic()
        if phase == self._last[0] and now - self._last[1] < _UPDATE_EVERY:
            return
        self._last = (phase, now)
        self.send({"event": "update", "args": [phase, step, total], "tokens": tokens, "message": message})

    def note(self, text: str) -> None:
        self.send({"event": "note", "text": text})

    def send(self, event: dict[str, Any]) -> None:
        line = json.dumps(event, default=str).encode() + b"\n"
        with self._lock:
            while line:
                line = line[self._answers.write(line) :]


class _Notes(logging.Handler):
    """Warnings logged by xstilts reach the user as notes."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.WARNING)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        self._progress.note(record.getMessage())


def _listen(commands: BinaryIO, waiting: queue.SimpleQueue[str]) -> None:
    """Pass commands on; the end of the pipe is the end of the parent, and ours, in the middle of a step too."""
    for line in commands:
        waiting.put(line.decode())
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with the processes that the phase has started
    os._exit(1)


def _die_with_parent() -> None:
    """Ask the kernel too, where it can: a native call that keeps the interpreter would keep ``_listen`` waiting."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
