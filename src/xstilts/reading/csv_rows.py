"""Comma-separated rows as spreadsheets write them: quoted cells may hold commas, quotes and line breaks."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from xstilts.errors import DataError
from xstilts.reading.text import read_text
from xstilts.reading.tsv_rows import Row

LONGEST = 2**31 - 1
"""Characters of the longest cell; the library's own limit, 131,072, is below what passages need."""
_ALONE = Lock()
"""The library keeps its limit for the whole process: while it is raised, nobody else raises or restores it."""


class Parsed(NamedTuple):
    """One row: the line on which it starts, its cells, and whether a blank line or an empty row is before it."""

    line: int
    cells: list[str]
    after_blank: bool


def rows(path: Path) -> Iterator[Row]:
    """The rows of a file, each with the line on which it starts; blank lines between rows are skipped.

    Raises:
        DataError: not text, a stray or unclosed quote, another number of columns than the first row.
    """
    return ((row.line, row.cells) for row in parsed(read_text(path), path))


def parsed(text: str, path: Path, *, separator: str = ",") -> list[Parsed]:
    """The rows of a text; rows without any text in them are skipped.

    Raises:
        DataError: a stray or unclosed quote, another number of columns than the first row.
    """
    with _ALONE:
        before = csv.field_size_limit(LONGEST)
        try:
            return _parsed(text, path, separator)
        finally:
            csv.field_size_limit(before)


def _parsed(text: str, path: Path, separator: str) -> list[Parsed]:
    # Split by hand: str.splitlines would also break at U+2028 and the like.
    reader = csv.reader((line + "\n" for line in text.split("\n")), delimiter=separator, strict=True)
    found: list[Parsed] = []
    start = 1
    blank = False
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                blank = bool(found)
            elif found and len(cells) != len(found[0].cells):
                wanted = len(found[0].cells)
                raise DataError(f"{len(cells)} columns where {wanted} are expected", file=path, line=start)
            else:
                found.append(Parsed(start, cells, blank))
                blank = False
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"not well-formed CSV in the row that starts here: {error}", file=path, line=start) from None
    return found
