"""A directory of content-addressed results, shared by runs.

::

    <root>/entries/<key[:2]>/<key>/   files, and manifest.json, which comes last: without it there is no entry
    <root>/scratch/<key>/             training state of an unfinished node; survives kill -9, removed at commit
    <root>/writing/                   results on their way; the writer holds a lock on its folder
    <root>/verified/                  under which stamps the files of an entry were last found right
    <root>/fingerprints/              hashes of the data files that were read
    <root>/locks/, runs/, failures/   who computes what, which runs are alive, tracebacks of failed nodes
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from xstilts.errors import ConfigError, StoreFull
from xstilts.pipeline import sweep
from xstilts.pipeline.entry import MANIFEST, CorruptEntry, Entry, damage, intact, read_manifest
from xstilts.pipeline.fingerprints import Fingerprints
from xstilts.pipeline.locks import locked
from xstilts.pipeline.node import JSON, Node
from xstilts.pipeline.verified import Verified
from xstilts.pipeline.writable import obstacle
from xstilts.pipeline.writer import Writer, commit, folder_for_writing, store_full

_LOG = logging.getLogger("xstilts")


class Store:
    """Content-addressed results in a directory, made where there is none.

    Two runs may share one: what both need is computed once, under the node's lock.

    Args:
        root: the directory.

    Raises:
        ConfigError: ``root`` is not a directory, or a URL (for which there is ``locations.open_store``).
    """

    def __init__(self, root: str | Path) -> None:
        if "://" in str(root):
            raise ConfigError(f"{str(root)!r} is not a directory but a URL: locations.open_store opens it")
        self.root = Path(root).expanduser().absolute()
        if reason := obstacle(self.root):
            raise ConfigError(reason, where="the store cannot be there")
        self._verified = Verified(self.root / "verified")
        self.fingerprints = Fingerprints(self.root / "fingerprints")

    @property
    def location(self) -> str:
        """What ``locations.open_store`` needs to open the same store in another process."""
        return str(self.root)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.location!r})"

    def directory(self, key: str) -> Path:
        """Where the entry of ``key`` lies, or would lie."""
        return self.root / "entries" / key[:2] / key

    # Reading. Where this store has nothing to do, one behind a URL (``remote.RemoteStore``) has.

    def connect(self) -> None:
        """Find out whether the store can be read; raises ``ConfigError`` where it cannot."""

    def require_writable(self) -> None:
        """Find out whether results can be put into the store; raises ``ConfigError`` where they cannot."""

    def stage(self, keys: Iterable[str]) -> dict[str, str]:
        """Bring entries that will be read to this machine; key and problem of those found damaged on the way."""
        return {}

    def has(self, key: str) -> bool:
        """Whether the result of ``key`` is there (its files are not looked at)."""
        return os.path.exists(f"{self.root}/entries/{key[:2]}/{key}/{MANIFEST}")  # noqa: PTH110 – asked 100,000 times

    def manifest(self, key: str) -> dict[str, JSON]:
        """What is known of an entry.

        Raises:
            CorruptEntry: no manifest, or a damaged one.
        """
        return read_manifest(self.directory(key))

    def open(self, key: str) -> Entry:
        """The entry of ``key``, every file verified against its SHA-256 (an unchanged file once a process).

        Raises:
            CorruptEntry: it is not there, or a file is not what was written; its stamps are trusted no more.
        """
        directory = self.directory(key)
        try:
            manifest = read_manifest(directory)
        except CorruptEntry:
            self._verified.forget(key)
            raise
        problem, _ = damage(directory, manifest, known={})
        if problem:
            self._verified.forget(key)
            raise CorruptEntry(directory, problem)
        return Entry(directory, manifest)

    def read(self, key: str, name: str) -> bytes:
        """One file of an entry, verified without the others: a training's record without its weights.

        Raises:
            CorruptEntry: it is not there, or not what was written.
        """
        directory = self.directory(key)
        return intact(directory, read_manifest(directory), name)

    def check(self, key: str, *, anew: bool = False) -> str | None:
        """What is wrong with an entry, or None; the stamps of one that is damaged are trusted no more.

        Reads only files changed since they were last found right; all of them if ``anew``.
        """
        return self._verified.check(key, self.directory(key), anew=anew)

    def manifests(self, keys: Iterable[str]) -> Iterator[dict[str, JSON]]:
        """The manifests of those of ``keys`` that are there and not damaged, in their order."""
        for key in keys:
            with contextlib.suppress(CorruptEntry):
                if self.has(key):
                    yield self.manifest(key)

    def ls(self) -> Iterator[dict[str, JSON]]:
        """The manifests of all entries, by key; a damaged one is warned about and left out."""
        for directory in sweep.entry_directories(self.root):
            if (directory / MANIFEST).exists():
                try:
                    yield read_manifest(directory)
                except CorruptEntry as error:
                    _LOG.warning("%s", error)

    def verify(self) -> list[tuple[str, str]]:
        """Read every file of every entry; key and problem of each damaged one, which the next run computes again."""
        keys = [path.name for path in sweep.entry_directories(self.root) if (path / MANIFEST).exists()]
        problems = ((key, Store.check(self, key, anew=True)) for key in keys)
        return [(key, problem) for key, problem in problems if problem]

    def fingerprint(self, path: str | Path) -> str:
        """The fingerprint of a data file; an unchanged file is not read again, in later runs neither."""
        return self.fingerprints.of(path)

    # Writing.

    @contextlib.contextmanager
    def writer(self, node: Node, *, facts: Mapping[str, JSON] | None = None, derived: bool = False) -> Iterator[Writer]:
        """Write the result of ``node``: on leaving the block it is committed, on an exception it is gone.

        Args:
            node: whose result it is.
            facts: what the manifest records beside the key; the block may add to ``Writer.facts``.
            derived: not a node of a graph but something that can be made again from one (see ``derive``).

        Raises:
            StoreFull: no space left, in the block or while committing.
        """
        with store_full(self.root):
            sweep.sweep_writing(self.root, node.key)
            with folder_for_writing(self.root, node.key) as directory:
                writer = Writer(directory, dict(facts or {}))
                writer.facts.setdefault("threads", node.threads)
                yield writer
                target = self.directory(node.key)
                stamps = commit(writer, node, target=target, derived=derived, copy=self._copy(node.key))
        if stamps:
            self._verified.set(node.key, stamps)
        shutil.rmtree(self._scratch(node.key), ignore_errors=True)

    def derive(self, node: Node, build: Callable[[Writer], None]) -> Entry:
        """The result of ``node`` where it is not part of a graph (a token cache): found, or built once.

        A damaged one is warned about and built again.
        """
        if self.has(node.key):
            with contextlib.suppress(CorruptEntry):
                return self.open(node.key)
        with self.lock(node.key):
            if self.has(node.key):
                try:
                    return self.open(node.key)
                except CorruptEntry as error:
                    _LOG.warning("%s; building it again", error)
                    self.discard(node.key)
            with self.writer(node, derived=True) as writer:
                build(writer)
            return self.open(node.key)

    def discard(self, key: str) -> None:
        """Remove an entry; whoever shares the store must hold its lock."""
        directory = self.directory(key)
        # First the manifest: a removal that is interrupted must not leave half an entry.
        (directory / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(directory, ignore_errors=True)
        self._verified.forget(key)

    def scratch(self, key: str) -> Path:
        """A folder for the state of an unfinished node; it survives kill -9 and goes at the commit."""
        with store_full(self.root):
            self._scratch(key).mkdir(parents=True, exist_ok=True)
        return self._scratch(key)

    @contextlib.contextmanager
    def lock(self, key: str, *, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
        """Hold the lock of ``key``; waits for its owner, and a dead owner holds nothing.

        ``on_wait`` is called once if somebody else holds it.
        """
        path = self.root / "locks" / key
        with contextlib.ExitStack() as stack:
            with store_full(self.root):
                path.parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(locked(path, on_wait=on_wait))
            yield

    @contextlib.contextmanager
    def in_use(self, keys: Iterable[str]) -> Iterator[None]:
        """Keep ``gc`` away from ``keys`` as long as the block runs and this process lives."""
        with contextlib.ExitStack() as stack:
            # On a full or read-only disk a run whose nodes are all cached must still work.
            with contextlib.suppress(OSError, StoreFull):
                stack.enter_context(sweep.announced(self.root, keys))
            yield

    def gc(self, keep: set[str], *, dry_run: bool = False) -> tuple[int, int]:
        """Remove all entries but ``keep`` and those in use, leftovers of killed runs, and old scratch.

        Returns:
            Entries removed, and bytes freed (leftovers included); with ``dry_run`` what would be.
        """
        return sweep.collect(self, keep, dry_run=dry_run)

    # Inside.

    def _copy(self, key: str) -> Callable[[Path], None] | None:
        """What also takes a new entry before it appears here."""
        return None

    def _scratch(self, key: str) -> Path:
        return self.root / "scratch" / key
