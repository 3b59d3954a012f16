r"""Tab-separated rows: one line is one row, so that a stray quote can never swallow the lines after it.

Two dialects are in use. XTREME's own files are written by Python's ``csv`` module: a cell that holds a quote is
quoted and its quotes are doubled. GLUE's and PAWS-X's are raw: quotes mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading.notes import note
from xstilts.reading.text import read_lines

_QUOTED = re.compile(r'"((?:[^"]|"")*)"')

Row = tuple[int, list[str]]
"""Line number (from 1) and cells."""


def rows(path: Path, *, widths: tuple[int, ...] = (), quoted: bool | None = None) -> Iterator[Row]:
    """The rows of a file, each with its line number.

    Args:
        path: the file.
        widths: how many columns a row may have; the first row decides among them and all others must agree.
            Empty: as many as the first row has.
        quoted: True for cells quoted as ``csv`` does, False for raw cells, None to tell from the whole file: it is
            quoted if every cell that holds a quote is a well-formed quoted cell.

    Raises:
        DataError: not UTF-8, another number of columns than the first row, or a quote that is never closed.
    """
    return cut(read_lines(path), path, widths=widths, quoted=quoted)


def cut(
    lines: Sequence[str],
    path: Path,
    *,
    widths: tuple[int, ...] = (),
    quoted: bool | None = None,
    blanks: bool = False,
) -> Iterator[Row]:
    """The rows of the lines of a file; as ``rows``.

    Args:
        lines: without their ends, but for a carriage return.
        path: named in errors.
        widths: as ``rows``.
        quoted: as ``rows``.
        blanks: whether blank lines are rows of one empty cell; else only those at the end of the file may be there.
    """
    split = [line.rstrip("\r").split("\t") for line in lines]
    while split and not any(cell.strip() for cell in split[-1]):
        split.pop()
    if quoted is None:
        quoted = looks_quoted(split)
    width = next((len(cells) for cells in split if not blanks or any(cell.strip() for cell in cells)), 0)
    if widths and split and width not in widths:
        raise _width(path, 1, width, widths)
    for number, cells in enumerate(split, start=1):
        if blanks and not any(cell.strip() for cell in cells):
            yield number, [""]
            continue
        if len(cells) != width:
            raise _width(path, number, len(cells), (width,))
        yield number, [_unquote(cell, path, number) for cell in cells] if quoted else cells


def whole_rows(path: Path, *, width: int) -> Iterator[Row]:
    """The raw rows of a file that has a few torn ones, each with its line number.

    GLUE's and XTREME's larger files hold questions with a line break, which tears their row in two: these are left
    out, as every other reader of them does, and counted.

    Raises:
        DataError: not UTF-8, or more than one row in a hundred without ``width`` columns; names the first.
    """
    split = [(number, line.split("\t")) for number, line in enumerate(read_lines(path), start=1) if line.strip()]
    torn = [(number, cells) for number, cells in split if len(cells) != width]
    if len(torn) * MOST_TORN > len(split):
        number, cells = torn[0]
        raise _width(path, number, len(cells), (width,))
    if torn:
        note(
            f"rows that a line break tears, so that they lack columns: {len(torn)}, left out",
            file=path,
            line=torn[0][0],
        )
    return ((number, cells) for number, cells in split if len(cells) == width)


MOST_TORN = 100
"""Of so many rows, one may be torn."""


def looks_quoted(split: list[list[str]]) -> bool:
    """Whether cells are quoted as ``csv`` writes them: it quotes every cell that holds a quote."""
    with_quote = [cell for cells in split for cell in cells if '"' in cell]
    return bool(with_quote) and all(_QUOTED.fullmatch(cell) for cell in with_quote)


def _unquote(cell: str, path: Path, line: int) -> str:
    if not cell.startswith('"'):
        return cell
    match = _QUOTED.fullmatch(cell)
    if match is None:
        raise DataError(
            f"a quote that is opened and not closed within its cell: {cell[:60]!r}",
            file=path,
            line=line,
            hint="quote cells that hold a quote, and double the quotes in them",
        )
    return match[1].replace('""', '"')


def _width(path: Path, line: int, found: int, expected: tuple[int, ...]) -> DataError:
    wanted = " or ".join(str(width) for width in expected)
    return DataError(
        f"{found} tab-separated column{'s' * (found != 1)} where {wanted} are expected", file=path, line=line
    )
