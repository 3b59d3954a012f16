"""Multiple choice: texts and the index of the right choice, from the named columns of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xstilts.reading.tables import TableRow

HIDDEN = ("", "-1", "None")
"""The placeholder of a label that is kept back."""


def texts(row: TableRow, names: Sequence[str]) -> list[str]:
    """The texts of the named columns.

    Raises:
        DataError: a column that is missing, is not text or is empty.
    """
    found: list[str] = []
    for name in names:
        text = row.cell(name)
        if not isinstance(text, str) or not text.strip():
            raise row.error(f"{name} must be a text, not {text!r}")
        found.append(text)
    return found


def gold(row: TableRow, name: str, labels: Sequence[str]) -> int | None:
    """The index of the right choice; None where it is hidden or the column is missing.

    Raises:
        DataError: a label that is not one of ``labels``, which represent the choices in order.
    """
    given = str(row.cells.get(name)).strip()
    if given not in labels and given not in HIDDEN:
        raise row.error(f"{name} {given!r} is not one of {', '.join(labels)}")
    return index(row.cells, name, labels)


def index(cells: Mapping[str, Any], name: str, labels: Sequence[str]) -> int | None:
    """As ``gold``, of a row of the hub.

    Raises:
        ValueError: a label that is none of ``labels``.
    """
    given = str(cells.get(name)).strip()
    return None if given in HIDDEN else list(labels).index(given)
