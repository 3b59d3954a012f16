"""SHA-256 of files, and how not to compute it twice.

A file whose size, modification time and inode are unchanged is taken to be unchanged. Bit-identity of the results
rests on the hash itself; the stamp only says when a hash that was once computed still holds.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from xstilts.errors import DataError

Stamp = list[int]
"""Size in bytes, modification time in ns, inode: a list, since it travels through JSON."""

_BLOCK = 1 << 20
_HASHES: dict[tuple[str, int, int, int], str] = {}


def stamp(path: Path) -> Stamp:
    """What tells an unchanged file from a changed one without reading it."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ino]


def sha256(path: Path) -> str:
    """SHA-256 of the bytes of a file, always read anew; 64 hex digits."""
    hasher = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            hasher.update(block)
    return hasher.hexdigest()


def sha256_once(path: Path, *, anew: bool = False) -> str:
    """Like ``sha256``, but an unchanged file is read once a process, unless it is asked for ``anew``."""
    before = stamp(path)
    size, modified, inode = before
    known = _HASHES.get((str(path), size, modified, inode))
    if known is None or anew:
        known = sha256(path)
        if stamp(path) == before:
            _HASHES[str(path), size, modified, inode] = known
    return known


def remember(path: Path, digest: str) -> None:
    """Take ``digest`` as the SHA-256 of ``path`` as it is now, for the rest of the process."""
    size, modified, inode = stamp(path)
    _HASHES[str(path), size, modified, inode] = digest


def fingerprint(path: str | Path) -> str:
    """The fingerprint of a file that a node reads: ``sha256:`` and 64 hex digits.

    Raises:
        DataError: there is no such file, or it is not a plain file.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("not a file" if path.exists() else "no such file", file=path)
    return f"sha256:{sha256(path)}"


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
