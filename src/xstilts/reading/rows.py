"""Examples from the named columns of a user's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading.columns import Columns, Gold, Roles, resolve
from xstilts.reading.examples import Example
from xstilts.reading.labels import check
from xstilts.reading.tables import TableRow


def read(
    table: Iterable[TableRow], file: Path, *, roles: Roles, columns: Columns, labels: Sequence[str]
) -> Iterator[Example]:
    """The examples of a table in file order.

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
    golds = _labels(found, places, roles, labels)
    if roles.labels_are_choices and labels:
        return (roles.build(row, places, lambda row, value: str(labels.index(golds(row, value)))) for row in found)
    return (roles.build(row, places, golds) for row in found)


def label_text(value: object) -> str:
    """A label as text: ``True`` is ``true``, as YAML and JSON write it."""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


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
    """Tokens or tags: a list, or a text separated by blanks."""
    return list(value) if isinstance(value, list) else str(value or "").split()


def _labels(table: list[TableRow], places: Mapping[str, list[str]], roles: Roles, labels: Sequence[str]) -> Gold:
    """How a cell becomes a label: as it is, or as an index if the file holds only integers that are not labels."""
    if roles.gold not in places:
        return lambda row, value: label_text(value)
    seen: set[str] = set()
    for row in table:
        value = row.cells.get(places[roles.gold][0])
        seen.update(label_text(one) for one in (listed(value) if roles.listed else [value]))
    indices = bool(labels) and all(one.isdigit() for one in seen) and not seen <= set(labels)

    def gold(row: TableRow, value: object) -> str:
        given = label_text(value)
        if indices:
            if int(given) >= len(labels):
                raise row.error(f"label {given} is beyond the {len(labels)} labels {', '.join(labels)} (from 0)")
            return labels[int(given)]
        if not given:
            raise row.error("an empty label")
        if labels and row.line is not None:
            return check(given, labels, file=row.file, line=row.line)
        if labels and given not in labels:
            raise row.error(f"label {given!r} is not one of {', '.join(labels)}")
        return given

    return gold
