"""SHA-256 of files, and how not to compute it twice.

A file whose size, modification time and inode are unchanged is taken to be unchanged. Bit-identity of the results
rests on the hash itself; the stamp only says when a hash that was once computed still holds.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
from pathlib import Path

from xstilts.errors import DataError

Stamp = list[int]
"""Size in bytes, modification time in ns, inode: a list, since it travels through JSON."""

_FRESH_NS = 2_000_000_000  # coarsest clock of a common file system: two seconds (FAT)
_HASHES: dict[tuple[str, int, int, int], str] = {}


def stamp(path: Path) -> Stamp:
    """What tells an unchanged file from a changed one without reading it."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ino]


def sha256(path: Path) -> str:
    """SHA-256 of the bytes of a file, always read anew; 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_once(path: Path) -> str:
    """Like ``sha256``, but an unchanged file is read once a process."""
    before = stamp(path)
    size, modified, inode = before
    known = _HASHES.get((str(path), size, modified, inode))
    if known is None:
        known = sha256(path)
        if stamp(path) == before:
            remember(path, known)
    return known


def remember(path: Path, digest: str) -> None:
    """Take ``digest`` as the SHA-256 of ``path`` as it is now, for the rest of the process."""
    size, modified, inode = stamp(path)
    _HASHES[str(path), size, modified, inode] = digest


def fingerprint(path: str | Path, *, cache: Path | None = None) -> str:
    """The fingerprint of a file that a node reads: ``sha256:`` and 64 hex digits.

    Args:
        path: the file.
        cache: a folder in which the hash is kept beside the file's stamp, so that the next run does not read
            gigabytes again; a file changed less than two seconds ago is not kept, since a second change within
            the clock's tick would go unseen.

    Raises:
        DataError: there is no such file, or it is not a plain file.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("not a file" if path.exists() else "no such file", file=path)
    path = path.resolve()
    kept = cache / f"{hashlib.sha256(os.fsencode(path)).hexdigest()}.json" if cache else None
    before = stamp(path)
    if kept is not None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(kept.read_text("utf-8"))
            if record["stamp"] == before and record["path"] == str(path):
                return str(record["fingerprint"])
    result = f"sha256:{sha256(path)}"
    if kept is not None and stamp(path) == before and time.time_ns() - before[1] > _FRESH_NS:
        with contextlib.suppress(OSError):  # a cache on a full or read-only disk is only slower
            write_atomically(
                kept, json.dumps({"path": str(path), "stamp": before, "fingerprint": result}, ensure_ascii=True)
            )
    return result


def write_atomically(path: Path, text: str) -> None:
    """Write a whole text file or nothing, the same bytes on every system: a temporary neighbour, then a rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        temporary.write_text(text, "utf-8", newline="\n")
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
