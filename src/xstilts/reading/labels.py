"""Labels: what is a label at all, what is a whole number, and which labels there are.

Every reader asks here, before labels are inferred or checked, so that all have one notion of *no gold* (a hidden
label, a pair without agreement) and one of *whole numbers* (0, 0.0 and "0" are one).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from xstilts.errors import DataError, nearest

NO_GOLD = "-"
"""What SNLI and MNLI write where the annotators did not agree."""
_NOTHING = frozenset({"", "null", "NULL", "None", "nan", "NaN", "NAN", "<NA>"})
"""How programs write that there is no value (JSON, databases, Python, pandas). ``none`` is a class of its own in many
datasets (stance, relations), and so is ``NA``."""
IGNORED = (-1, -100)
"""What the hub writes in place of a hidden label, and training code in place of a tag that is not learned."""
_WHOLE = re.compile(r"(-?)(0|[1-9][0-9]{0,14})(?:\.0*)?")


def whole_number(value: object) -> int | None:
    """The whole number that a cell holds: 3, 3.0, "3" and "3.0" are one; None where it holds something else.

    Only ASCII digits count (``²`` and ``٣`` do not), without leading zeros ("007" is a name), at most 15 of them.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        fits = abs(value) < 10**15 and value == int(value)  # neither NaN nor infinity is below
        return int(value) if fits else None
    match = _WHOLE.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(match[1] + match[2]) if match else None


def label_text(value: object) -> str:
    """A label as text: ``True`` is ``true``, as YAML and JSON write it."""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def is_missing(value: object) -> bool:
    """Whether a cell is empty: null, NaN, or a text without anything in it."""
    if value is None or (isinstance(value, float) and value != value):  # NaN is not equal to itself
        return True
    return isinstance(value, str) and not value.strip(" \t\r\n")


def is_nothing(value: object) -> bool:
    """Whether a cell holds no value at all: empty, or what programs write in place of a value."""
    return is_missing(value) or (isinstance(value, str) and value.strip() in _NOTHING)


def no_gold(value: object, labels: Collection[str] = ()) -> bool:
    """Whether a cell says that there is no gold: no value, ``-``, -1 or -100, unless that is one of the labels."""
    if label_text(value) in labels:
        return False
    return is_nothing(value) or label_text(value) == NO_GOLD or whole_number(value) in IGNORED


def check(label: str, labels: Collection[str], *, file: Path, line: int | None, what: str = "label") -> str:
    """``label`` itself.

    Raises:
        DataError: it is outside ``labels``; the message names them and the nearest.
    """
    if label in labels:
        return label
    close = nearest(label, labels)
    raise DataError(
        f"{what} {label!r} is not one of {', '.join(labels)}",
        file=file,
        line=line,
        hint=f"did you mean {close!r}?" if close else "",
    )
