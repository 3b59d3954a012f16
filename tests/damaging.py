"""Damage as a failing disk does it: other bytes under the same size, time and inode."""

from __future__ import annotations

import os
from pathlib import Path


def flip_unseen(file: Path, *, at: float = 0.5, bit: int = 0) -> None:
    """Flips one bit of a file in place; its stamp stays as it was.

    Args:
        at: where, as a share of the file.
        bit: of the byte there.
    """
    before = file.stat()
    with file.open("r+b") as stream:
        place = min(int(before.st_size * at), before.st_size - 1)
        stream.seek(place)
        (old,) = stream.read(1)
        stream.seek(place)
        stream.write(bytes([old ^ (1 << bit)]))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = file.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
