"""Examples from the named columns of a user's file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading.columns import Columns, Gold, Roles, resolve
from xstilts.reading.examples import Example
from xstilts.reading.golds import golds
from xstilts.reading.labels import is_missing, is_nothing
from xstilts.reading.notes import note
from xstilts.reading.tables import TableRow
from xstilts.reading.words import grouped
from xstilts.reading.written import Unwritten, looks_written, unwritten

_BLANKS = re.compile(r"[ \t\r\n]+")


def read(
    table: Iterable[TableRow], file: Path, *, roles: Roles, columns: Columns, labels: Sequence[str]
) -> Iterator[Example]:
    """The examples of a table in file order.

    Lists and dictionaries that were written into cells as text are read as such, and a table of one word a row as
    sentences; both are said. Rows without gold have none.

    Args:
        table: its rows.
        file: where they come from.
        roles: of the kind of task.
        columns: the user's mapping.
        labels: those that may occur; empty for any. For multiple choice: the label of each choice, in order.

    Raises:
        DataError: a missing column, an empty or ill-typed cell, a label outside the set; with file and line.
    """
    found = list(table)
    if not found:
        raise DataError("no rows", file=file)
    places = resolve(roles, columns, found[0].cells, file)
    for role in roles.written:
        for column in places[role]:
            found = _unwritten(found, column, file)
    if roles.listed:
        found = grouped(found, places, file)
    gold = _golds(found, places, roles, labels)
    return (roles.build(row, places, gold) for row in found)


def text(row: TableRow, column: str) -> str:
    """The text in a cell.

    Raises:
        DataError: there is none.
    """
    value = row.cells.get(column)
    if not isinstance(value, str) or not value.strip():
        raise row.error(f"column {column!r} must hold a text, not {value!r}")
    return value


def listed(value: object) -> list[Any]:
    """Tokens or tags: a list, or a text separated by blanks, tabs and line breaks; no other white space separates."""
    if isinstance(value, list):
        return list(value)
    return [] if is_missing(value) else [part for part in _BLANKS.split(str(value)) if part]


def _golds(table: Sequence[TableRow], places: Mapping[str, list[str]], roles: Roles, labels: Sequence[str]) -> Gold:
    """How a cell becomes a label; of choices, the index of the label."""
    if roles.gold not in places:
        return lambda row, value: str(value)
    cells = [(row, row.cells.get(places[roles.gold][0])) for row in table]
    many = [(row, listed(value) if roles.listed else [value]) for row, value in cells]
    gold = golds(many, labels, listed=roles.listed, ranks=roles.labels_are_choices)
    if not (roles.labels_are_choices and labels):
        return gold

    def index(row: TableRow, value: object) -> str | None:
        label = gold(row, value)
        return None if label is None else str(labels.index(label))

    return index


def _unwritten(table: Sequence[TableRow], column: str, file: Path) -> list[TableRow]:
    """The rows with what a program wrote into a column as text: lists and dictionaries, where every cell holds one."""
    cells = [row.cells.get(column) for row in table]
    filled = [cell for cell in cells if not is_nothing(cell)]
    if not filled or not all(isinstance(cell, str) and looks_written(cell) for cell in filled):
        return list(table)
    found = []
    for row, cell in zip(table, cells, strict=True):
        try:
            found.append(row if is_nothing(cell) else replace(row, cells={**row.cells, column: unwritten(str(cell))}))
        except Unwritten as error:
            raise row.error(
                f"column {column!r} holds a list as text that cannot be read: {error}",
                hint='as JSON lines a list is written ["a", "b"]; in CSV, words and tags with blanks between them',
            ) from None
    note(f"column {column!r} holds lists written as text, which were read as lists", file=file)
    return found
