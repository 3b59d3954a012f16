"""A warm worker process: takes batches of nodes as lines of JSON, computes them, answers with lines of JSON."""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

from xstilts.errors import DataError, UserError, XstiltsError
from xstilts.pipeline.locations import open_store
from xstilts.pipeline.node import JSON, Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.sealed import Damaged
from xstilts.pipeline.store import Store
from xstilts.pipeline.wire import decode_nodes
from xstilts.pipeline.writer import is_disk_full

Run = Callable[[list[Node], Store, Progress], None]

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


def compute(nodes: list[Node], store: Store, progress: Progress, run: str) -> dict[str, dict[str, JSON]]:
    """Compute nodes that are ready, each under its lock; key → how it ended.

    What another run has computed meanwhile is not computed again. If the whole fails, those without a result are
    tried one by one, so that one bad node does not fail the others.
    """
    results: dict[str, dict[str, JSON]] = {}

    def waits() -> None:
        progress.update("waiting for another run", 0, 0)

    try:
        with contextlib.ExitStack() as locks:
            for key in sorted(node.key for node in nodes):  # one order in all processes: no deadlock
                locks.enter_context(store.lock(key, on_wait=waits))
            missing = [node for node in nodes if not _is_there(store, node.key)]
            results.update({node.key: {"state": "cached"} for node in nodes if node not in missing})
            # Read anew for every batch: a worker may live for days, and its memory of what was right with it.
            lacking = _lacking(missing, store)
            left = [node for node in missing if node.key not in lacking]
            results.update(lacking | (_attempt(left, store, progress, run) if left else {}))
    except Exception as error:  # whatever it is, it is the nodes' failure and not ours
        results.update({node.key: _failure(error) for node in nodes if node.key not in results})
    return results


def _attempt(nodes: list[Node], store: Store, progress: Progress, run: str) -> dict[str, dict[str, JSON]]:
    failure: dict[str, JSON] | None = None
    try:
        _run(run, nodes, store, progress)
    except BaseException as error:  # SystemExit too: a phase must not end the worker
        failure = _failure(error)
        if isinstance(error, DataError):  # the file may not be what its stamp promises: read it when it is asked for
            store.fingerprints.forget(error.file)
    results: dict[str, dict[str, JSON]] = {n.key: {"state": "ran"} for n in nodes if store.has(n.key)}
    left = [node for node in nodes if node.key not in results]
    if failure is None:
        text = "the phase ended without committing a result"
        return results | {n.key: {"state": "failed", "message": f"{n.kind}: {text}"} for n in left}
    if left and not failure["store_full"]:
        lacking = _lacking(left, store)
        if lacking:
            left = [node for node in left if node.key not in lacking]
            return results | lacking | (_attempt(left, store, progress, run) if left else {})
    if not left:  # all is there, so the error came too late to matter; but it must be seen
        progress.note(f"after the last result: {failure['message']}")
    elif len(nodes) == 1:
        results[left[0].key] = failure
    elif failure.get("store_full"):
        results[left[0].key] = failure
        results.update({node.key: {"state": "not_run"} for node in left[1:]})
    else:
        for index, node in enumerate(left):
            results.update(_attempt([node], store, progress, run))
            if results[node.key].get("store_full"):
                results.update({other.key: {"state": "not_run"} for other in left[index + 1 :]})
                break
    return results


def _run(run: str, nodes: list[Node], store: Store, progress: Progress) -> None:
    """Call the phase; once more where a file was damaged that it had left for itself, and that it now leaves alone."""
    try:
        _function(run)(nodes, store, progress)
    except Damaged as error:
        left = [node for node in nodes if not store.has(node.key)]
        if not left:
            raise
        progress.note(f"{error}; computing it again")
        _function(run)(left, store, progress)


def _is_there(store: Store, key: str) -> bool:
    """Whether an entry is whole; every file is read, since it may be here because it was found damaged."""
    if not store.has(key):
        return False
    # A damaged copy of an entry behind a URL is dropped by the check, and then fetched again.
    if not store.stage([key]) and store.check(key, anew=True) is None and not store.stage([key]):
        return True
    store.discard(key)
    return False


def _lacking(nodes: list[Node], store: Store) -> dict[str, dict[str, JSON]]:
    """How those nodes ended that cannot be computed before their parents are."""
    return {key: {"state": "parents", "parents": found} for key, found in damaged_parents(nodes, store).items()}


def damaged_parents(nodes: list[Node], store: Store) -> dict[str, dict[str, str]]:
    """Of each node that has such parents: key and problem of those that cannot be read, whatever their stamps say."""
    problems: dict[str, str] = {}
    for key in dict.fromkeys(parent.key for node in nodes for parent in node.parents.values()):
        # What the client of a store behind a URL raises must not hide the failure that is looked into.
        with contextlib.suppress(Exception):
            problem = store.stage([key]).get(key) or store.check(key, anew=True)
            problems.update({key: problem} if problem else {})
    of_nodes = {node.key: {parent.key for parent in node.parents.values()} & problems.keys() for node in nodes}
    return {key: {parent: problems[parent] for parent in sorted(found)} for key, found in of_nodes.items() if found}


def _function(run: str) -> Run:
    module, _, name = run.partition(":")
    function: Run = getattr(importlib.import_module(module), name)
    return function


def _failure(error: BaseException) -> dict[str, JSON]:
    full = is_disk_full(error)
    expected = full or isinstance(error, XstiltsError)
    name = "StoreFull" if full else type(error).__name__
    return {
        "state": "failed",
        "message": f"{name}: {error}" if str(error) else name,
        "traceback_text": "" if expected else "".join(traceback.format_exception(error)),
        "user_error": isinstance(error, UserError) and not full,
        "store_full": full,
    }


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
