"""Fingerprints of data files, kept in a store so that the next run does not read gigabytes again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

from xstilts.pipeline.fingerprint import fingerprint, stamp
from xstilts.pipeline.sealed import keep, kept

_FRESH_NS = 2_000_000_000  # coarsest clock of a common file system: two seconds (FAT)


class Fingerprints:
    """One small file for each data file: its stamp and its fingerprint.

    A file changed less than two seconds ago is not kept, since a second change within the clock's tick would go
    unseen.

    Args:
        folder: where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, path: str | Path) -> str:
        """The fingerprint of a file; an unchanged one is not read again.

        Raises:
            DataError: there is no such file, or it is not a plain file.
        """
        path = Path(path)
        if not path.is_file():
            return fingerprint(path)  # says what it is
        path = path.resolve()
        record, before = self._record(path), stamp(path)
        known = kept(record)
        with contextlib.suppress(KeyError, TypeError):
            if known["stamp"] == before and known["path"] == str(path):
                return str(known["fingerprint"])
        result = fingerprint(path)
        if stamp(path) == before and time.time_ns() - before[1] > _FRESH_NS:
            with contextlib.suppress(OSError):  # a cache on a full or read-only disk is only slower
                keep(record, {"path": str(path), "stamp": before, "fingerprint": result})
        return result

    def forget(self, path: str | Path) -> None:
        """Read a file anew the next time, though its stamp be the same."""
        with contextlib.suppress(OSError, RuntimeError):
            self._record(Path(path).resolve()).unlink()

    def sweep(self) -> None:
        """Remove those of files that are gone."""
        for record in self._folder.glob("*.json"):
            with contextlib.suppress(OSError, KeyError, TypeError):
                if not Path(kept(record)["path"]).exists():
                    record.unlink()

    def _record(self, path: Path) -> Path:
        return self._folder / f"{hashlib.sha256(os.fsencode(path)).hexdigest()}.json"
