"""Labels: inside the set, or an error that says what the set is."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from xstilts.errors import DataError, nearest

NO_GOLD = "-"
"""What SNLI and MNLI write where the annotators did not agree."""


def check(label: str, labels: Collection[str], *, file: Path, line: int | None, what: str = "label") -> str:
    """``label`` itself.

    Raises:
        DataError: it is outside ``labels``; the message names them and the nearest.
    """
    if label in labels:
        return label
    close = nearest(label, labels)
    hint = f"did you mean {close!r}?" if close else ""
    if label == NO_GOLD:
        hint = "'-' marks a pair on which annotators did not agree: leave such rows out"
    raise DataError(
        f"{what} {label!r} is not one of {', '.join(labels)}",
        file=file,
        line=line,
        hint=hint,
    )
