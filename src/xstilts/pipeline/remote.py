"""A store behind a URL (``s3://…``, whatever fsspec knows): a local mirror, filled on reading, copied on writing.

Entries are computed, verified and memory-mapped on this machine's disk; what is behind the URL is what counts, and
the mirror may be deleted whenever no run uses it. Locks reach only as far as the mirror: two machines may compute the
same node, which does no harm.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from xstilts.errors import ConfigError
from xstilts.pipeline import sweep
from xstilts.pipeline.entry import MANIFEST, PARTIAL_MANIFEST, CorruptEntry, Entry, damage
from xstilts.pipeline.fingerprint import remember, write_atomically
from xstilts.pipeline.locks import locked
from xstilts.pipeline.node import JSON
from xstilts.pipeline.store import Store
from xstilts.pipeline.url_entries import UrlEntries
from xstilts.pipeline.writer import folder_for_writing, place, store_full

_LOG = logging.getLogger("xstilts")
_DOWNLOADS = 2
"""An interrupted download must not pass for a damaged entry."""


class RemoteStore(Store):
    """A store behind a URL, with a mirror on this machine.

    Args:
        url: where it is.
        files: the file system that fsspec opened for the URL.
        path: the place in it.
        mirror: the local directory.
    """

    def __init__(self, url: str, files: Any, path: str, *, mirror: str | Path) -> None:  # noqa: ANN401 – fsspec has no types
        super().__init__(mirror)
        self.url = url
        self._entries = UrlEntries(files, path)
        self._damaged: dict[str, str] = {}

    @property
    def location(self) -> str:
        """The URL."""
        return self.url

    def connect(self) -> None:
        """See ``Store.connect``: there is such a bucket and such a host, and the credentials open it."""
        with self._refusing("cannot be read"):
            self._entries.keys(anew=True)

    def require_writable(self) -> None:
        """See ``Store.require_writable``: puts a small object and removes it."""
        with self._refusing("cannot be written"):
            self._entries.try_writing()

    def has(self, key: str) -> bool:
        """Whether the result of ``key`` is in the mirror or behind the URL."""
        return super().has(key) or self._entries.holds(key)

    def manifest(self, key: str) -> dict[str, JSON]:
        """See ``Store.manifest``; the files are not fetched."""
        return super().manifest(key) if super().has(key) else self._entries.manifest(key)

    def manifests(self, keys: Iterable[str]) -> Iterator[dict[str, JSON]]:
        """See ``Store.manifests``; several are fetched at a time."""

        def fetch(key: str) -> dict[str, JSON] | None:
            with contextlib.suppress(CorruptEntry):
                return self.manifest(key) if self.has(key) else None
            return None

        yield from (manifest for manifest in self._entries.each(fetch, keys) if manifest is not None)

    def open(self, key: str) -> Entry:
        """See ``Store.open``; fetches the entry first where the mirror lacks it or holds a damaged copy."""
        if super().has(key):
            try:
                return super().open(key)
            except CorruptEntry as error:
                if not self._fetch_again(key, error.problem):
                    raise
        problem = self._fetch(key) if self._entries.holds(key) else f"{MANIFEST} is missing"
        if problem:
            raise CorruptEntry(Path(self._entries.folder(key)), problem)
        return super().open(key)

    def read(self, key: str, name: str) -> bytes:
        """See ``Store.read``; only this file is fetched."""
        return super().read(key, name) if super().has(key) else self._entries.read(self.manifest(key), name)

    def stage(self, keys: Iterable[str]) -> dict[str, str]:
        """See ``Store.stage``; several are fetched at a time."""
        wanted = [k for k in dict.fromkeys(keys) if not Store.has(self, k) and self._entries.holds(k)]
        problems = zip(wanted, self._entries.each(self._fetch, wanted), strict=True)
        damaged = {key: problem for key, problem in problems if problem}
        self._damaged.update(damaged)
        return damaged

    def check(self, key: str, *, anew: bool = False) -> str | None:
        """See ``Store.check``; what is not in the mirror is checked when it is staged.

        An entry that is whole in the mirror alone, since behind the URL somebody removed it or ``verify`` found it
        damaged, is put there again.
        """
        if not super().has(key):
            if self._doubt(key).exists() and key not in self._damaged:
                self._damaged.update({key: problem} if (problem := self._entries.problem(key)) else {})
                self._doubt(key).unlink(missing_ok=True)
            missing = None if self._entries.holds(key) else f"{MANIFEST} is missing"
            return self._damaged.get(key, missing)
        problem = super().check(key, anew=anew)
        if problem is not None:
            return None if self._fetch_again(key, problem) else problem
        doubt = self._doubt(key)
        if doubt.exists() or not self._entries.holds(key):
            try:
                self._entries.put(self.directory(key), key)
                doubt.unlink(missing_ok=True)
            except Exception as error:  # whatever the client library raises, the result is here
                _LOG.warning("store entry %s cannot be written to %s: %s", key, self.url, error)
        return None

    def ls(self) -> Iterator[dict[str, JSON]]:
        """See ``Store.ls``; of what is behind the URL."""

        def fetch(key: str) -> dict[str, JSON] | CorruptEntry:
            try:
                return self.manifest(key)
            except CorruptEntry as error:
                return error

        for found in self._entries.each(fetch, sorted(self._entries.keys(anew=True))):
            if isinstance(found, CorruptEntry):
                _LOG.warning("%s", found)
            else:
                yield found

    def verify(self) -> list[tuple[str, str]]:
        """See ``Store.verify``; reads the mirror and all that is behind the URL."""
        keys = sorted(self._entries.keys(anew=True))
        found = zip(keys, self._entries.each(self._entries.problem, keys), strict=True)
        damaged = [(key, problem) for key, problem in found if problem]
        for key, problem in damaged:
            with contextlib.suppress(OSError):
                write_atomically(self._doubt(key), problem)
        return super().verify() + [(key, f"{self._entries.folder(key)}: {problem}") for key, problem in damaged]

    def discard(self, key: str) -> None:
        """See ``Store.discard``; behind the URL and here."""
        self._entries.remove(key)
        self._damaged.pop(key, None)
        self._doubt(key).unlink(missing_ok=True)
        super().discard(key)

    def gc(self, keep: set[str], *, dry_run: bool = False) -> tuple[int, int]:
        """See ``Store.gc``; of living runs, only those on this machine are known."""
        used, any_run = sweep.keys_in_use(self.root)
        keep = keep | used
        folders = self._entries.folders()
        unwanted = {key for key, folder in folders.items() if folder.complete} - keep
        if any_run:  # what it has made from results is not among its keys
            unwanted -= {manifest["key"] for manifest in self.manifests(unwanted) if manifest["derived"]}
        abandoned = {key for key, folder in folders.items() if not folder.complete and self._entries.abandoned(folder)}
        removed = freed = 0
        for key in sorted(unwanted | abandoned):
            with sweep.free_of_writers(self, key) as free:
                if free:
                    removed += key in unwanted
                    freed += folders[key].bytes + sweep.size(self.directory(key))
                    if not dry_run:
                        self.discard(key)
        removed_here, freed_here = super().gc(keep | unwanted, dry_run=dry_run)
        return removed + removed_here, freed + freed_here

    # Inside.

    def _doubt(self, key: str) -> Path:
        """Exists where ``verify`` found an entry damaged behind the URL, until a whole one is put there."""
        return self.root / "doubted" / key

    def _fetch_again(self, key: str, problem: str) -> bool:
        """Drop a damaged copy from the mirror where it can be fetched again."""
        if not self._entries.holds(key):
            return False
        _LOG.warning("store entry %s: %s; it is fetched again when it is read", key, problem)
        super().discard(key)
        return True

    def _fetch(self, key: str) -> str | None:
        """Copy an entry to the mirror; what is wrong with it, where it is damaged behind the URL."""
        lock = self.root / "locks" / f"{key}.fetch"
        problem = None
        with store_full(self.root):
            lock.parent.mkdir(parents=True, exist_ok=True)
            with locked(lock):
                for _ in range(_DOWNLOADS):
                    if super().has(key):
                        return None
                    try:
                        self._download(key)
                    except CorruptEntry as error:
                        problem = error.problem
        return None if super().has(key) else problem

    def _download(self, key: str) -> None:
        manifest = self._entries.manifest(key)
        with folder_for_writing(self.root, key) as directory:
            self._entries.get(manifest, directory)
            problem, _ = damage(directory, manifest, known={}, anew=True)
            if problem:
                raise CorruptEntry(directory, problem)
            (directory / PARTIAL_MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
            target = self.directory(key)
            place(directory, target)
        for name, described in manifest["files"].items():
            remember(target / name, described["sha256"])

    def _copy(self, key: str) -> Callable[[Path], None] | None:
        return lambda directory: self._entries.put(directory, key)

    @contextlib.contextmanager
    def _refusing(self, what: str) -> Iterator[None]:
        """Every client library has errors of its own: all of them mean here that the store cannot be used."""
        try:
            yield
        except Exception as error:
            hint = "credentials and endpoint are read from the environment, as the fsspec package for it documents"
            raise ConfigError(
                f"the store {what}: {error or type(error).__name__}", where=self.url, hint=hint
            ) from error
