"""How the cells of a column become labels: as they are written, or as numbers that count the labels from 0."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from xstilts.errors import nearest
from xstilts.reading.columns import Gold
from xstilts.reading.labels import IGNORED, NO_GOLD, is_nothing, label_text, no_gold, whole_number
from xstilts.reading.notes import note
from xstilts.reading.tables import TableRow

_WRITTEN = re.compile(r"\[\s*(?:'.*'|\".*\"|\d+)\s*\]|\{.*\}", re.DOTALL)
"""A label that is a list or a dictionary as text; ``[NEG]`` may be a name."""

_TORN = re.compile(r"[\[({].*['\"].*|.*['\"].*[\])}]", re.DOTALL)
"""A tag that is a piece of a list as text: ``['B-PER',``."""
LONGEST = 60
"""Characters of a label that an error shows."""

Cells = Sequence[tuple[TableRow, Sequence[object]]]
"""The rows of a table, each with what its label column holds: one value, or one for every token."""


def golds(cells: Cells, labels: Sequence[str], *, listed: bool = False, ranks: bool = False) -> Gold:
    """How a value becomes a label, decided over the whole file; None where there is no gold.

    Numbers count the labels from 0 where most values are such numbers and the labels have other names. Without
    ``labels``, whole numbers are named alike (1, 1.0 and "1" are one).

    Args:
        cells: of the whole file.
        labels: those that may occur; empty for any.
        listed: whether there is a label for every token: there, ``-`` may be a tag.
        ranks: whether labels are indices of choices, of which none is -1.

    Raises:
        DataError: a file in which -1 may be a class as well as the mark of rows without gold.
    """
    signed = not (listed or ranks or labels) and _has_negative_class(cells)

    def hidden(value: object) -> bool:
        if not no_gold(value, labels):
            return False
        return not (listed and label_text(value) == NO_GOLD) and not (signed and whole_number(value) is not None)

    _tell(cells, hidden, listed=listed)
    left = Counter(label_text(value) for _, values in cells for value in values if not hidden(value))
    if not labels:
        same = all(whole_number(name) is not None for name in left)
        return lambda row, value: None if hidden(value) else _open(row, value, same=same, listed=listed)
    numbers = {whole_number(label): label for label in labels}
    if None in numbers:
        named = sum(count for name, count in left.items() if name in labels)
        if sum(count for name, count in left.items() if whole_number(name) is not None and name not in labels) > named:
            return lambda row, value: None if hidden(value) else _index(row, value, labels)
        numbers = {}
    return lambda row, value: None if hidden(value) else _among(row, value, labels, numbers)


def _has_negative_class(cells: Cells) -> bool:
    """Whether -1 is a class, beside 1 alone (polarity) or beside -2, and not the mark of rows without gold.

    Raises:
        DataError: it may be either.
    """
    values = [value for _, its in cells for value in its if not is_nothing(value) and label_text(value) != NO_GOLD]
    numbers = {whole_number(value) for value in values}
    if -1 not in numbers or None in numbers:
        return False
    others = sorted(number for number in numbers if number is not None and number not in IGNORED)
    if any(number < 0 for number in others) or others == [1]:
        return True
    if others and (0 not in others or others == [0, 1]):
        row = next(row for row, its in cells if any(whole_number(value) == -1 for value in its))
        shown = ", ".join(map(str, others))
        raise row.error(
            f"label '-1' may be a class, or mark rows without gold; the other labels are {shown}",
            hint=f"list the labels: `labels: [-1, {shown}]`, or `labels: [{shown}]` without it",
        )
    return False


def _tell(cells: Cells, hidden: Callable[[object], bool], *, listed: bool) -> None:
    """Says how many rows have no gold, and how that is written."""
    found = [(row, value) for row, values in cells for value in values if hidden(value)]
    if not found:
        return
    first, _ = found[0]
    rows = len({row.number for row, _ in found})
    marks = ", ".join(repr(mark) for mark in dict.fromkeys(label_text(value) for _, value in found))
    what = "a word without a tag" if listed else "no gold label"
    verb = "has" if rows == 1 else "have"
    text = f"{rows} row{'s' * (rows != 1)} {verb} {what} ({marks}): left out of training, hidden in evaluation"
    note(text, file=first.file, line=first.line)


def _open(row: TableRow, value: object, *, same: bool, listed: bool) -> str:
    """A label where any may occur."""
    if isinstance(value, list | dict):
        raise row.error(f"one label is expected, not a {type(value).__name__}")
    given = label_text(value)
    if _WRITTEN.fullmatch(given) or (listed and _TORN.fullmatch(given)):
        raise row.error(f"the cell holds a list as text, where one label is expected: {given[:LONGEST]!r}")
    number = whole_number(given) if same else None
    return given if number is None else str(number)


def _among(row: TableRow, value: object, labels: Sequence[str], numbers: Mapping[int | None, str]) -> str:
    """One of the labels, by its name or, where the labels are numbers, by its value."""
    given = label_text(value)
    if given in labels:
        return given
    number = whole_number(given)
    if number is not None and number in numbers:
        return numbers[number]
    close = nearest(given[:LONGEST], labels)
    hint = f"did you mean {close!r}?" if close else ""
    raise row.error(f"label {given[:LONGEST]!r} is not one of {', '.join(labels)}", hint=hint)


def _index(row: TableRow, value: object, labels: Sequence[str]) -> str:
    """The label that a number counts from 0."""
    number = whole_number(value)
    if number is None:
        return _among(row, value, labels, {})
    if number not in range(len(labels)):
        raise row.error(f"label {number} is beyond the {len(labels)} labels {', '.join(labels)} (from 0)")
    return labels[number]
