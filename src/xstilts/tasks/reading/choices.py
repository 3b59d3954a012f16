"""Multiple choice: texts and the index of the right choice, from the named columns of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xstilts.errors import nearest
from xstilts.tasks.reading.tables import TableRow

HIDDEN = ("", "-1", "None")
"""What stands in place of a label that is kept back."""


def texts(row: TableRow, names: Sequence[str]) -> list[str]:
    """The texts of the named columns.

    Raises:
        DataError: a column that is missing, is no text or is empty.
    """
    for name in names:
        if name not in row.cells:
            close = nearest(name, row.cells)
            hint = f"did you mean {close!r}?" if close else ""
            raise row.error(f"no field {name!r}; there are: {', '.join(map(str, row.cells)) or 'none'}", hint=hint)
        if not isinstance(row.cells[name], str) or not row.cells[name].strip():
            raise row.error(f"{name} must be a text, not {row.cells[name]!r}")
    return [row.cells[name] for name in names]


def gold(row: TableRow, name: str, labels: Sequence[str]) -> int | None:
    """The index of the right choice; None where it is hidden or the column is missing.

    Raises:
        DataError: a label that is none of ``labels``, which stand for the choices in order.
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
