"""The lines of a file that is too large to be held at once."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from xstilts.reading.text import GZIP, OTHERWISE, read_lines

HEAD = 4096
"""Bytes by which an encoding is told."""


def stream_lines(path: Path) -> Iterator[str]:
    """The lines as `read_lines` gives them, one after the other where the file is in UTF-8.

    Raises:
        DataError: as `read_lines`.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
        with gzip.open(path) if packed else path.open("rb") as stream:
            head = stream.read(HEAD)
        if not _is_streamed(head):
            yield from read_lines(path)
            return
        with gzip.open(path) if packed else path.open("rb") as stream:
            for number, line in enumerate(stream):
                text = line.decode("utf-8").rstrip("\n").rstrip("\r")
                yield text.removeprefix("\ufeff") if number == 0 else text
    except (OSError, EOFError, UnicodeDecodeError, zlib.error):
        read_lines(path)  # which says what is wrong, and where
        raise


def _is_streamed(head: bytes) -> bool:
    """Whether a file begins as UTF-8 with ends of lines that are looked for here."""
    others = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, *OTHERWISE)
    if b"\0" in head or head.startswith(others) or head[:64].lower().startswith(tuple(OTHERWISE)):
        return False
    return b"\n" in head or (b"\r" not in head and len(head) < HEAD)
