"""Multiple choice: texts and the index of the right choice, from the named columns of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xstilts.reading.labels import label_text, no_gold, whole_number
from xstilts.reading.tables import TableRow


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
    try:
        return index(row.cells, name, labels)
    except ValueError:
        given = label_text(row.cells.get(name))[:60]
        raise row.error(f"{name} {given!r} is not one of {', '.join(labels)}") from None


def index(cells: Mapping[str, Any], name: str, labels: Sequence[str]) -> int | None:
    """As ``gold``, of a row of the hub.

    Raises:
        ValueError: a label that is none of ``labels``.
    """
    given = cells.get(name)
    if no_gold(given, labels):
        return None
    number = whole_number(given)
    text = label_text(given)
    return list(labels).index(text if number is None or text in labels else str(number))
