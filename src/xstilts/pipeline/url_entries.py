"""Entries behind a URL, through fsspec: an object store such as S3, or a file system of another machine.

::

    <url>/entries/<key[:2]>/<key>/<start of the file's SHA-256>/<name>
    <url>/entries/<key[:2]>/<key>/manifest.json                          put last: without it there is no entry

Every file is put under its own hash. Two machines that compute the same node at the same time therefore never mix
their bytes: the last manifest wins, and it names files that nobody has overwritten with others.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from xstilts.pipeline.entry import MANIFEST, PARTIAL_MANIFEST, CorruptEntry, checked_name, intact, parse_manifest
from xstilts.pipeline.node import JSON

_LISTING_SECONDS = 60.0
_FEW = 20
"""Single questions that cost less than a listing."""
_AT_ONCE = 16
"""Requests under way at the same time."""
_ABANDONED = datetime.timedelta(days=1)
"""An upload without a manifest whose last file is older than this will never get one."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass
class Folder:
    """What lies behind the URL of one key.

    Attributes:
        paths: of all files.
        bytes: of all files together.
        complete: whether the manifest is among them.
    """

    paths: list[str] = field(default_factory=list)
    bytes: int = 0
    complete: bool = False


class UrlEntries:
    """The entries behind a URL.

    Args:
        files: the file system that fsspec opened.
        path: the place in it.
    """

    def __init__(self, files: Any, path: str) -> None:  # noqa: ANN401 – fsspec has no types
        self._files = files
        self._base = f"{path.rstrip('/')}/entries"
        # Buckets hold names, not folders; making "folders" there would make a bucket that was only misspelt.
        self._has_folders = path.startswith("/")
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._listed = -_LISTING_SECONDS
        self._questions = 0

    def folder(self, key: str) -> str:
        """Where the entry of ``key`` is, or would be."""
        return f"{self._base}/{key[:2]}/{key}"

    def try_writing(self) -> None:
        """Put an empty object and remove it again; raises whatever the file system raises."""
        path = f"{self._base.rpartition('/')[0]}/writable-{secrets.token_hex(8)}"
        self._make_folder(path)
        self._files.pipe_file(path, b"")
        self._files.rm_file(path)

    def keys(self, *, anew: bool = False) -> set[str]:
        """The keys of all complete entries, by a listing that is at most a minute old."""
        with self._lock:  # several threads may ask: one lists, the others wait for its answer
            if anew or time.monotonic() - self._listed > _LISTING_SECONDS:
                self._known = {key for key, folder in self.folders().items() if folder.complete}
                self._listed, self._questions = time.monotonic(), 0
            return self._known

    def holds(self, key: str) -> bool:
        """Whether there is an entry of ``key``: a few questions are asked one by one, many by a listing."""
        if time.monotonic() - self._listed <= _LISTING_SECONDS or self._questions >= _FEW:
            return key in self.keys()
        self._questions += 1
        self._files.invalidate_cache()
        return bool(self._files.exists(f"{self.folder(key)}/{MANIFEST}"))

    def folders(self) -> dict[str, Folder]:
        """All that was put there by key, whether complete or not."""
        self._files.invalidate_cache()
        folders: dict[str, Folder] = {}
        for path, info in self._files.find(self._base, detail=True).items():
            parts = path.removeprefix(f"{self._base}/").split("/")
            if len(parts) < 3:
                continue
            folder = folders.setdefault(parts[1], Folder())
            folder.paths.append(path)
            folder.bytes += int(info.get("size") or 0)
            folder.complete = folder.complete or parts[2:] == [MANIFEST]
        return folders

    def abandoned(self, folder: Folder) -> bool:
        """Whether an incomplete upload is so old that nobody will complete it."""
        try:
            times = [self._files.modified(path) for path in folder.paths]
        except (NotImplementedError, OSError, KeyError):
            return False
        limit = datetime.datetime.now(datetime.UTC) - _ABANDONED
        return all((one if one.tzinfo else one.replace(tzinfo=datetime.UTC)) < limit for one in times)

    def manifest(self, key: str) -> dict[str, JSON]:
        """The manifest of an entry, fetched.

        Raises:
            CorruptEntry: there is none, or it is damaged.
        """
        folder = Path(self.folder(key))
        self._files.invalidate_cache()
        try:
            data = self._files.cat_file(f"{self.folder(key)}/{MANIFEST}")
        except FileNotFoundError:
            raise CorruptEntry(folder, f"{MANIFEST} is missing") from None
        return parse_manifest(folder, data)

    def get(self, manifest: Mapping[str, JSON], directory: Path) -> None:
        """Fetch the files of an entry; whether they are what they must be is for the caller to see.

        Raises:
            CorruptEntry: one is missing.
        """
        folder = self.folder(manifest["key"])
        for name, expected in manifest["files"].items():
            path = directory / checked_name(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._files.get_file(_file(folder, name, expected), str(path))
            except FileNotFoundError:
                raise CorruptEntry(Path(folder), f"{name} is missing") from None

    def read(self, manifest: Mapping[str, JSON], name: str) -> bytes:
        """One file of an entry, fetched.

        Raises:
            CorruptEntry: it is missing, or not what was written.
        """
        folder, described = self.folder(manifest["key"]), manifest["files"].get(name)
        try:
            data = self._files.cat_file(_file(folder, name, described)) if described else b""
        except FileNotFoundError:
            raise CorruptEntry(Path(folder), f"{name} is missing") from None
        return intact(Path(folder), manifest, name, data)

    def put(self, directory: Path, key: str) -> None:
        """Put a sealed entry: its files, then the manifest."""
        folder = self.folder(key)
        manifest = next(path for name in (PARTIAL_MANIFEST, MANIFEST) if (path := directory / name).exists())

        def copy(item: tuple[str, Mapping[str, JSON]]) -> None:
            name, described = item
            target = _file(folder, name, described)
            self._make_folder(target)
            self._files.put_file(str(directory / name), target)

        self.each(copy, json.loads(manifest.read_bytes())["files"].items())
        target = f"{folder}/{MANIFEST}"
        if self._has_folders:  # there a file grows while it is written
            self._make_folder(target)
            growing = f"{target}.{secrets.token_hex(8)}"
            self._files.put_file(str(manifest), growing)
            self._files.mv(growing, target)
        else:
            self._files.put_file(str(manifest), target)
        with self._lock:
            self._known.add(key)

    def problem(self, key: str) -> str | None:
        """What is wrong with an entry, every byte of it read; None if nothing is."""
        try:
            manifest = self.manifest(key)
            for name, expected in manifest["files"].items():
                with self._files.open(_file(self.folder(key), name, expected), "rb") as file:
                    if _sha256(file) != expected["sha256"]:
                        return f"{name} is damaged: its SHA-256 is not the one in its manifest"
        except CorruptEntry as error:
            return error.problem
        except FileNotFoundError as error:
            return f"a file is missing: {error}"
        return None

    def remove(self, key: str) -> None:
        """Remove all that was put under ``key``, the manifest first."""
        self._files.invalidate_cache()
        for path in sorted(self._files.find(self.folder(key)), key=lambda path: not path.endswith(f"/{MANIFEST}")):
            with contextlib.suppress(FileNotFoundError):
                self._files.rm_file(path)  # one by one: a recursive removal would take brackets for a pattern
        with self._lock:
            self._known.discard(key)

    def each(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """``function`` of every item, several at a time where the file system allows it."""
        if not getattr(self._files, "async_impl", False):
            return [function(item) for item in items]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(function, items))

    def _make_folder(self, path: str) -> None:
        if self._has_folders:
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)


def _file(folder: str, name: str, described: Mapping[str, JSON]) -> str:
    return f"{folder}/{described['sha256'][:16]}/{checked_name(name)}"


def _sha256(file: Any) -> str:  # noqa: ANN401 – fsspec's files have no common type
    hasher = hashlib.sha256()
    while chunk := file.read(1 << 20):
        hasher.update(chunk)
    return hasher.hexdigest()
