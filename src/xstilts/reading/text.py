"""Strict UTF-8: the basis of every other reader."""

from __future__ import annotations

from pathlib import Path

from xstilts.errors import DataError


def read_text(path: Path) -> str:
    r"""The whole text of a file; ``.gz`` is unpacked, a byte-order mark is dropped, line ends are left alone.

    Raises:
        DataError: the file cannot be read, or a byte is not UTF-8 (named with line and byte offset).
    """
    data = read_bytes(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # utf-8-sig counts from after the byte-order mark.
        offset = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        line = data.count(b"\n", 0, offset) + 1
        raise DataError(
            f"byte {data[offset]:#04x} at offset {offset} is not UTF-8",
            file=path,
            line=line,
            hint="convert the file to UTF-8",
        ) from None


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, unpacked where it ends in ``.gz``.

    Raises:
        DataError: the file cannot be read or unpacked.
    """
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            import gzip  # only where it is needed: most readings never are

            data = gzip.decompress(data)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"cannot be read: {reason}", file=path) from None
    return data


def read_lines(path: Path) -> list[str]:
    r"""The lines of a file. Only ``\n`` and ``\r\n`` end a line, never U+2028, U+0085 or the like.

    Raises:
        DataError: as ``read_text``.
    """
    lines = read_text(path).split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]
