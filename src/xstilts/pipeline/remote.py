"""A store behind a URL (``s3://…``, whatever fsspec knows): a local mirror, filled on reading, copied on writing.

Entries are computed and read on this machine's disk. The manifest is put last, so an entry without one does not exist
there either. Locks reach only as far as the mirror: two machines may compute the same node, which does no harm.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from xstilts.errors import ConfigError
from xstilts.pipeline import sweep
from xstilts.pipeline.entry import MANIFEST, PARTIAL_MANIFEST, CorruptEntry, Entry, checked_name, parse_manifest
from xstilts.pipeline.locks import locked
from xstilts.pipeline.node import JSON
from xstilts.pipeline.store import Store
from xstilts.pipeline.writer import place, store_full

_LOG = logging.getLogger("xstilts")
_LISTING_SECONDS = 60.0


def open_store(location: str | Path, *, mirror: str | Path | None = None) -> Store:
    """The store at a directory or a URL.

    Args:
        location: a path, a ``file://`` URL, or another URL that fsspec knows.
        mirror: where the entries of a remote store lie on this machine; the user's cache folder if not given.

    Raises:
        ConfigError: the location cannot be a store.
    """
    text = str(location)
    if "://" not in text:
        return Store(location)
    if text.startswith("file://"):
        return Store(text.removeprefix("file://"))
    return RemoteStore(text, mirror=mirror)


class RemoteStore(Store):
    """A store behind a URL, with a mirror on this machine.

    Args:
        url: what fsspec opens; credentials come from the environment, as its implementation documents.
        mirror: the local directory.

    Raises:
        ConfigError: fsspec does not know the protocol, or lacks the package for it.
    """

    def __init__(self, url: str, *, mirror: str | Path | None = None) -> None:
        import fsspec

        super().__init__(mirror or _default_mirror(url))
        self.url = url
        try:
            self._files, path = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise ConfigError(f"the store cannot be opened: {error}", where=url) from error
        self._base = f"{path.rstrip('/')}/entries"
        self._listed: tuple[float, set[str]] = (-_LISTING_SECONDS, set())

    @property
    def location(self) -> str:
        """The URL."""
        return self.url

    def has(self, key: str) -> bool:
        """Whether the result of ``key`` is in the mirror, or was there in a listing of the last minute."""
        return super().has(key) or key in self._keys()

    def manifest(self, key: str) -> dict[str, JSON]:
        """See ``Store.manifest``; the files are not fetched."""
        return super().manifest(key) if super().has(key) else self._remote_manifest(key)

    def open(self, key: str) -> Entry:
        """See ``Store.open``; fetches the entry first. One that is damaged there is removed."""
        if not super().has(key) and key in self._keys():
            self._fetch(key)
        try:
            return super().open(key)
        except CorruptEntry:
            self.discard(key)
            raise

    def check(self, key: str) -> str | None:
        """See ``Store.check``; what is not mirrored is checked when it is fetched."""
        if not super().has(key):
            return None if key in self._keys() else f"{MANIFEST} is missing"
        problem = super().check(key)
        if problem is None or key not in self._keys():
            return problem
        _LOG.warning("store entry %s: %s; fetching it again", key, problem)
        super().discard(key)
        return None

    def ls(self) -> Iterator[dict[str, JSON]]:
        """See ``Store.ls``."""
        for key in sorted(self._keys(anew=True)):
            try:
                yield self.manifest(key)
            except CorruptEntry as error:
                _LOG.warning("%s", error)

    def verify(self) -> list[tuple[str, str]]:
        """See ``Store.verify``; reads the mirror and all that lies behind the URL."""
        problems = super().verify()
        for key in sorted(self._keys(anew=True)):
            problem = self._remote_problem(key)
            if problem:
                problems.append((key, f"{self._folder(key)}: {problem}"))
        return problems

    def discard(self, key: str) -> None:
        """See ``Store.discard``; here and there."""
        folder = self._folder(key)
        paths = self._files.find(folder) if self._files.exists(folder) else []
        for path in sorted(paths, key=lambda path: not path.endswith(f"/{MANIFEST}")):  # first the manifest
            self._files.rm_file(path)  # one by one: a recursive removal would take brackets for a pattern
        self._listed[1].discard(key)
        super().discard(key)

    def gc(self, keep: set[str], *, dry_run: bool = False) -> tuple[int, int]:
        """See ``Store.gc``; of living runs, only those on this machine are known."""
        keep = keep | sweep.keys_in_use(self.root)[0]
        unwanted = self._keys(anew=True) - keep
        freed = sum(int(self._files.du(self._folder(key))) for key in unwanted)
        if not dry_run:
            for key in unwanted:
                self.discard(key)
        removed, freed_here = super().gc(keep, dry_run=dry_run)
        return max(removed, len(unwanted)), freed + freed_here

    def _folder(self, key: str) -> str:
        return f"{self._base}/{key[:2]}/{key}"

    def _keys(self, *, anew: bool = False) -> set[str]:
        """Entries behind the URL; one listing serves a minute, since asking for each would take longer."""
        if anew or time.monotonic() - self._listed[0] > _LISTING_SECONDS:
            self._files.invalidate_cache()
            found = self._files.find(self._base) if self._files.exists(self._base) else []
            keys = {path.split("/")[-2] for path in found if path.endswith(f"/{MANIFEST}")}
            self._listed = (time.monotonic(), keys)
        return self._listed[1]

    def _remote_manifest(self, key: str) -> dict[str, JSON]:
        path = Path(self._folder(key))
        try:
            data = self._files.cat_file(f"{self._folder(key)}/{MANIFEST}")
        except FileNotFoundError:
            raise CorruptEntry(path, f"{MANIFEST} is missing") from None
        return parse_manifest(path, data)

    def _remote_problem(self, key: str) -> str | None:
        try:
            manifest = self._remote_manifest(key)
            for name, expected in manifest["files"].items():
                with self._files.open(f"{self._folder(key)}/{name}", "rb") as file:
                    if _sha256(file) != expected["sha256"]:
                        return f"{name} is damaged: its SHA-256 is not the one in its manifest"
        except CorruptEntry as error:
            return error.problem
        except FileNotFoundError as error:
            return f"a file is missing: {error}"
        return None

    def _fetch(self, key: str) -> None:
        lock = self.root / "locks" / f"{key}.fetch"
        with store_full(self.root):
            lock.parent.mkdir(parents=True, exist_ok=True)
            with locked(lock):
                if super().has(key):
                    return
                manifest = self._remote_manifest(key)
                with self._writing(key) as directory:
                    for name in manifest["files"]:
                        path = directory / checked_name(name)
                        path.parent.mkdir(parents=True, exist_ok=True)
                        self._files.get_file(f"{self._folder(key)}/{name}", str(path))
                    text = json.dumps(manifest, ensure_ascii=False, indent=1)
                    (directory / PARTIAL_MANIFEST).write_text(text, "utf-8")
                    place(directory, self.directory(key))

    def _copy(self, key: str) -> Callable[[Path], None] | None:
        def put(directory: Path) -> None:
            folder = self._folder(key)
            for path in sorted(directory.rglob("*")):
                name = path.relative_to(directory).as_posix()
                if path.is_file() and name != PARTIAL_MANIFEST:
                    self._files.makedirs(f"{folder}/{name}".rpartition("/")[0], exist_ok=True)
                    self._files.put_file(str(path), f"{folder}/{name}")
            self._files.makedirs(folder, exist_ok=True)
            self._files.put_file(str(directory / PARTIAL_MANIFEST), f"{folder}/{MANIFEST}")
            self._listed[1].add(key)

        return put


def _sha256(file: Any) -> str:  # noqa: ANN401 – fsspec's files have no common type
    hasher = hashlib.sha256()
    while chunk := file.read(1 << 20):
        hasher.update(chunk)
    return hasher.hexdigest()


def _default_mirror(url: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "xstilts" / "stores" / hashlib.sha256(url.encode()).hexdigest()[:16]
