"""What a worker does with nodes that are handed to it: it computes them, and says how each ended.

The answer of a node is its ``state``: ``ran``, ``cached`` (another run has computed it meanwhile), ``failed``,
``not_run`` (the disk was full), or ``parents``: of these some are damaged, and must be computed before it can be.
"""

from __future__ import annotations

import contextlib
import importlib
import traceback
from collections.abc import Callable

from xstilts.errors import DataError, UserError, XstiltsError
from xstilts.pipeline.entry import MANIFEST
from xstilts.pipeline.fingerprint import Stamp, stamp
from xstilts.pipeline.node import JSON, Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.sealed import Damaged
from xstilts.pipeline.store import Store
from xstilts.pipeline.writer import is_disk_full

Run = Callable[[list[Node], Store, Progress], None]


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
    read = _versions(nodes, store)
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
        left = [node for node in left if node.key not in lacking]
        # Where somebody has meanwhile computed a parent again, its files may have gone while they were being read.
        if lacking or not _versions(left, store).items() <= read.items():
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


def _versions(nodes: list[Node], store: Store) -> dict[str, Stamp | None]:
    """Which copy of each parent is in the store."""
    found: dict[str, Stamp | None] = {}
    for key in {parent.key for node in nodes for parent in node.parents.values()}:
        found[key] = None
        with contextlib.suppress(OSError):
            found[key] = stamp(store.directory(key) / MANIFEST)
    return found


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
