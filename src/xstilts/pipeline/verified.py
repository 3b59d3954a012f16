"""Under which stamps the files of an entry were last found right, so that they are not read again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from xstilts.pipeline.fingerprint import Stamp, write_atomically


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

    def set(self, key: str, stamps: Mapping[str, Stamp]) -> None:
        """Remember the stamps; where that fails, the files are only read once more."""
        with contextlib.suppress(OSError):
            write_atomically(self._path(key), json.dumps(stamps))

    def forget(self, key: str) -> None:
        """Know nothing of an entry any more."""
        self._path(key).unlink(missing_ok=True)

    def keys(self) -> Iterator[str]:
        """The entries of which something is known."""
        for path in self._folder.glob("??/*.json"):
            yield path.stem

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"
