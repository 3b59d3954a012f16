r"""Text out of bytes: the basis of every other reader, and the one place that decides on encoding and line ends.

UTF-8 is read strictly. What spreadsheets and old programs write is recognised and said: UTF-16 and UTF-32 by their
mark, UTF-16 without one by its NUL bytes, lines that end in ``\r`` alone, and gzip under another name. Everything
else is refused with the byte, the line and the way out.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterable
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading.notes import note

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
GZIP = b"\x1f\x8b"
OTHERWISE = {
    b"version https://git-lfs": ("a pointer of Git LFS, not the data", "git lfs pull fetches the file itself"),
    b"PK\x03\x04": ("a zip archive or a spreadsheet (.xlsx)", "unpack it, or save the table as CSV in UTF-8"),
    b"PAR1\x15": ("a Parquet file", "write it as CSV or JSON lines"),
    b"BZh91AY&SY": ("packed with bzip2", "unpack it"),
    b"\xfd7zXZ\x00": ("packed with xz", "unpack it"),
    b"\x28\xb5\x2f\xfd": ("packed with zstd", "unpack it"),
    b"<!doctype html": ("a web page, not data", "download the raw file"),
    b"<html": ("a web page, not data", "download the raw file"),
}
"""How files begin that are often found in the place of data: what they are, and the way out."""
_ASCII_SHARE = 0.02
"""Of the characters of a text with lines and labels, at least so many are ASCII: line ends, separators, tags."""
_SAME_PLACE, _SAME_PLACE_OF_MANY = 0.95, 0.55
_FEWEST_NULS = 4
"""Fewer NUL bytes are damage, not an encoding."""


def read_text(path: Path) -> str:
    r"""The whole text of a file; gzip is unpacked, a byte-order mark is dropped.

    Line ends are left alone, but where ``\r`` alone ends all lines, it becomes ``\n``.

    Raises:
        DataError: the file cannot be read, is not text, or a byte is not of its encoding (named with line and offset).
    """
    text = _decoded(read_bytes(path), path).lstrip("\ufeff")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError("a NUL character: the file is damaged, or is not text", file=path, line=line)
    if "\r" not in text:
        return text
    whole = text.rstrip("\r\n")
    if "\r" in whole and "\n" not in whole:
        note(r"its lines end in \r alone, which was understood as line ends", file=path)
        return whole.replace("\r", "\n") + "\n" * (whole != text)
    return text


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, unpacked where they are gzip's.

    Raises:
        DataError: the file cannot be read or unpacked, or is of a kind that is no data file at all.
    """
    try:
        data = path.read_bytes()
        if path.suffix == ".gz" or data.startswith(GZIP):
            import gzip  # only where it is needed: most readings never are

            data = gzip.decompress(data)
            if path.suffix != ".gz":
                note("packed with gzip, which its name does not say; it was unpacked", file=path)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = "the file is damaged: fetch it again" if isinstance(error, EOFError | zlib.error) else ""
        raise DataError(f"cannot be read: {reason}", file=path, hint=hint) from None
    head = data[:64].lower()
    for begins, (what, way_out) in OTHERWISE.items():
        if data.startswith(begins) or head.startswith(begins):
            raise DataError(f"this is {what}", file=path, hint=way_out)
    return data


def read_lines(path: Path) -> list[str]:
    r"""The lines of a file. Only ``\n`` and ``\r\n`` end a line (``\r`` where it alone does), never U+2028 or the like.

    Raises:
        DataError: as ``read_text``.
    """
    lines = read_text(path).split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.rstrip("\r") for line in lines]


def check_ends(lines: Iterable[tuple[int, str]], path: Path) -> None:
    r"""Refuses lines of which some end in ``\r`` and others in ``\n``, where a line is a row: two rows would be one.

    Args:
        lines: their numbers and texts.
        path: where they are from.

    Raises:
        DataError: there is such a line.
    """
    for number, line in lines:
        if "\r" in line:
            raise DataError(
                r"a carriage return within the line: some lines end in \r, others in \n",
                file=path,
                line=number,
                hint=r"end all lines with \n",
            )


def _decoded(data: bytes, path: Path) -> str:
    """The text of bytes in the encoding that their mark or their NUL bytes tell, else in UTF-8."""
    mark, encoding = next(((mark, name) for mark, name in _MARKS.items() if data.startswith(mark)), (b"", "utf-8"))
    if not mark and (wide := _without_mark(data)):
        encoding = wide
        note(f"{wide[:6].upper()} without a byte-order mark, told from its NUL bytes", file=path)
    elif mark and encoding != "utf-8":
        note(f"{encoding[:6].upper()} by its byte-order mark", file=path)
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        offset = error.start + len(mark)
        before = data[len(mark) : offset].decode(encoding, "ignore")
        raise DataError(
            f"byte {data[offset]:#04x} at offset {offset} is not {encoding[:6].upper().removesuffix('-')}",
            file=path,
            line=before.count("\n") + 1,
            hint="convert the file to UTF-8" + "; iconv -f WINDOWS-1252 -t UTF-8 does so" * (encoding == "utf-8"),
        ) from None


def _without_mark(data: bytes) -> str | None:
    """UTF-16 that does not say so: nearly all of its NUL bytes, those of ASCII, are at even places or at odd ones."""
    count = data.count(b"\0")
    if count < _FEWEST_NULS or len(data) % 2:
        return None
    for encoding, place in (("utf-16-le", 1), ("utf-16-be", 0)):
        # A character such as U+4E00 has its NUL at the other place; where all else is UTF-8, NULs are damage.
        least = _SAME_PLACE if _is_utf8(data.replace(b"\0", b"")) else _SAME_PLACE_OF_MANY
        if data[place::2].count(b"\0") < least * count:
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            return None
        plain = sum(character < "\x80" for character in text)
        return encoding if "\0" not in text and plain >= _ASCII_SHARE * len(text) else None
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
