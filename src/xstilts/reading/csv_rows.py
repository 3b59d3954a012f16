"""Comma-separated rows as spreadsheets write them: quoted cells may hold commas, quotes and line breaks."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading.text import read_text
from xstilts.reading.tsv_rows import Row


def rows(path: Path) -> Iterator[Row]:
    """The rows of a file, each with the line on which it starts; blank lines between rows are skipped.

    Raises:
        DataError: not UTF-8, a stray or unclosed quote, another number of columns than the first row.
    """
    # Split by hand: str.splitlines would also break at U+2028 and the like.
    lines = read_text(path).split("\n")
    reader = csv.reader((line + "\n" for line in lines), strict=True)
    width = 0
    start = 1
    try:
        for cells in reader:
            if cells and any(cell.strip() for cell in cells):
                width = width or len(cells)
                if len(cells) != width:
                    raise DataError(f"{len(cells)} columns where {width} are expected", file=path, line=start)
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"not well-formed CSV in the row that starts here: {error}", file=path, line=start) from None
