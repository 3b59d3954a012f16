"""Tables of separated cells with a header: which separator they have, and which of their columns are none.

The extension says what to try first. Where that gives no table, the separator is the one that cuts every row of the
file into as many cells as its header; what was taken is said. Spreadsheets add a first line ``sep=;`` and empty
columns at the end, pandas a first column without a name that numbers the rows: these are recognised and left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading import csv_rows, tsv_rows
from xstilts.reading.csv_rows import Parsed
from xstilts.reading.labels import whole_number
from xstilts.reading.notes import note
from xstilts.reading.text import read_text

NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "pipes"}
EXPECTED = {"csv": ",", "tsv": "\t"}
_SAID = re.compile(r'"?sep=([,;|\t])"?[ \t]*\r?\n')


def read(file: Path, format: str) -> tuple[list[str], list[Parsed]]:  # noqa: A002 – the experiment's own key
    """The names of the columns and the rows of a table.

    Args:
        file: the table.
        format: ``csv`` or ``tsv``, which is tried first.

    Raises:
        DataError: not text, an empty file, a stray quote, a row with another number of cells than the header, a header
            with an empty or repeated name.
    """
    text = read_text(file)
    if not text.strip():
        raise DataError("the file is empty; its first line must name the columns", file=file)
    rows = _rows(text, file, EXPECTED[format])
    line, names, _ = rows[0]
    header, kept = _named([name.strip() for name in names], rows[1:], file)
    if "" in header or len(set(header)) < len(header):
        raise DataError(f"the header has an empty or repeated name: {', '.join(header)}", file=file, line=line)
    if len(kept) == len(names):
        return header, rows[1:]
    return header, [Parsed(row.line, [row.cells[place] for place in kept], row.after_blank) for row in rows[1:]]


def _rows(text: str, file: Path, expected: str) -> list[Parsed]:
    """The rows by the expected separator, or by the only other one that cuts all of them alike."""
    if said := _SAID.match(text):
        below = csv_rows.parsed(text[said.end() :], file, separator=said[1])
        if below:
            return [row._replace(line=row.line + 1) for row in below]
    first: list[Parsed] | DataError | None = None
    for separator in (expected, *(other for other in NAMES if other != expected)):
        for cut in _ways(separator):
            try:
                rows = cut(text, file)
            except DataError as error:
                first = first or error
                continue
            if rows and len(rows[0].cells) > 1:
                if separator != expected:
                    note(f"its cells are separated by {NAMES[separator]}, not by {NAMES[expected]}", file=file)
                return rows
            first = first or rows
    if isinstance(first, DataError):
        raise first
    if not first:
        raise DataError("the file is empty; its first line must name the columns", file=file)
    return first


def _ways(separator: str) -> Sequence[Callable[[str, Path], list[Parsed]]]:
    """How a text is cut at a separator; at tabs a line is a row, and only then may cells hold line breaks."""
    if separator == "\t":
        return (_by_line, _with_breaks)
    return (lambda text, file: csv_rows.parsed(text, file, separator=separator),)


def _by_line(text: str, file: Path) -> list[Parsed]:
    """Raw cells, or quoted ones where all quotes of the file are those of quoted cells."""
    found: list[Parsed] = []
    blank = False
    for line, cells in tsv_rows.cut(text.split("\n"), file, blanks=True):
        if any(cell.strip() for cell in cells):
            found.append(Parsed(line, cells, blank))
        blank = bool(found) and not any(cell.strip() for cell in cells)
    return found


def _with_breaks(text: str, file: Path) -> list[Parsed]:
    """Quoted cells that hold line breaks; only where every quote of the file opens, closes or is doubled in a cell."""
    found = csv_rows.parsed(text, file, separator="\t")
    cells = [cell for row in found for cell in row.cells]
    needed = sum("\n" in cell or '"' in cell for cell in cells)
    if text.count('"') - 2 * sum(cell.count('"') for cell in cells) < 2 * max(1, needed):
        raise DataError("quotes that are neither of quoted cells nor doubled in them", file=file)
    note("its quoted cells hold line breaks", file=file)
    return found


def _named(names: list[str], rows: Sequence[Parsed], file: Path) -> tuple[list[str], list[int]]:
    """The names and the places of the columns, without those that have no name because they are none."""
    kept = list(range(len(names)))
    if names[0] == "" and len(names) > 1 and rows and all(whole_number(row.cells[0]) is not None for row in rows):
        note("its first column has no name and numbers the rows, as pandas writes its index: it is left out", file=file)
        kept.remove(0)
    empty = [place for place in kept if not names[place] and not any(row.cells[place].strip() for row in rows)]
    if empty and len(empty) < len(kept):
        plural = "s" * (len(empty) > 1)
        note(f"{len(empty)} column{plural} without a name and without any text: left out", file=file)
        kept = [place for place in kept if place not in empty]
    return [names[place] for place in kept], kept
