"""Under which stamps the files of an entry were last found right, so that they are not read again."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from xstilts.pipeline.entry import MANIFEST, CorruptEntry, damage, read_manifest
from xstilts.pipeline.fingerprint import Stamp, stamp, write_atomically


class Verified:
    """One small file for each entry of a store.

    Args:
        folder: where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> dict[str, Stamp]:
        """Name → stamp of the manifest and of every file; empty where nothing is known."""
        try:
            found = json.loads(self._path(key).read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def check(self, key: str, directory: Path, *, anew: bool = False) -> str | None:
        """What is wrong with the entry in a folder, or None; see ``Store.check``."""
        known = self.get(key)
        try:
            manifest = read_manifest(directory)
            stamps = {MANIFEST: stamp(directory / MANIFEST)}
        except (CorruptEntry, OSError) as error:
            self.forget(key)
            return str(getattr(error, "problem", error))
        # A manifest written anew may expect other bytes: then nothing is known.
        trusted = known if known.get(MANIFEST) == stamps[MANIFEST] and not anew else {}
        # What this process remembers counts for nothing: another may have dropped the stamps since it found damage.
        problem, found = damage(directory, manifest, known=trusted, anew=True)
        if problem:
            self.forget(key)
        elif {**stamps, **found} != known:
            self.set(key, {**stamps, **found})
        return problem

    def set(self, key: str, stamps: Mapping[str, Stamp]) -> None:
        """Remember the stamps; where that fails, the files are only read once more."""
        with contextlib.suppress(OSError):
            write_atomically(self._path(key), json.dumps(stamps))

    def forget(self, key: str) -> None:
        """Know nothing of an entry any more."""
        with contextlib.suppress(OSError):
            self._path(key).unlink()

    def touch(self, key: str) -> None:
        """Its files were read just now."""
        with contextlib.suppress(OSError):
            now = time.time_ns()  # finer than the file system's own clock
            os.utime(self._path(key), ns=(now, now))

    def longest_unread(self, keys: Iterable[str]) -> list[str]:
        """``keys`` by when their files were last read, longest ago first; without those of which nothing is known."""
        found = []
        for key in keys:
            with contextlib.suppress(OSError):
                found.append((self._path(key).stat().st_mtime_ns, key))
        return [key for _, key in sorted(found)]

    def keys(self) -> Iterator[str]:
        """The entries of which something is known."""
        for path in self._folder.glob("??/*.json"):
            yield path.stem

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"
