"""Pairs whose two sentences are in different languages: rows of parallel sets, put together row by row."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading.examples import Classified, Example

VERSION = 1
"""Raised when other pairs are made of the same files."""


def mixed(first: Sequence[Example], second: Sequence[Example], *, file: Path) -> list[Example]:
    """The rows of ``first``, each with the second sentence of the same row of ``second``.

    Args:
        first: in one language.
        second: in another; the same rows in the same order.
        file: of ``second``, for messages.

    Raises:
        DataError: the sets have different rows: another number, other ids or other labels.
    """
    if len(first) != len(second):
        raise DataError(f"{len(second):,} rows, {len(first):,} in the other language: not parallel", file=file)
    found: list[Example] = []
    for number, (one, other) in enumerate(zip(first, second, strict=True), start=1):
        if not isinstance(one, Classified) or not isinstance(other, Classified):
            raise DataError("only pairs of sentences are mixed", file=file)
        if (one.example_id, one.label) != (other.example_id, other.label):
            raise DataError(
                f"row {number} is {other.example_id!r} with label {other.label!r}, in the other language "
                f"{one.example_id!r} with label {one.label!r}: not parallel",
                file=file,
            )
        found.append(dataclasses.replace(one, second=other.second))
    return found
