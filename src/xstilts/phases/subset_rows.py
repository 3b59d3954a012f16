"""How rows are taken by their order: within each language, ties by row id."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from xstilts.errors import XstiltsError

if TYPE_CHECKING:
    from xstilts.phases.examples import Located


def amount(given: float, total: int) -> int:
    """How many of ``total`` a fraction (up to 1) or a number (from 2 on) is; at least one."""
    return max(1, min(total, round(given * total) if given <= 1 else round(given)))


def by_language(rows: Sequence[Located], places: Iterable[int]) -> dict[str, list[int]]:
    """Language → the places of its rows, of some places of all rows and in their order."""
    found: dict[str, list[int]] = defaultdict(list)
    for place in places:
        found[rows[place].language].append(place)
    return found


def best_of_each_language(rows: Sequence[Located], order: Sequence[float], *, fraction: float) -> list[Located]:
    """The fraction of each language's rows that come first in an order, in the order of the rows.

    Args:
        rows: all of them.
        order: of each row: the lowest come first; a row without a number (NaN) is never taken.
        fraction: of the language's rows; at least one row is taken.

    Raises:
        XstiltsError: no row has a number.
    """
    taken: set[int] = set()
    for places in by_language(rows, range(len(rows))).values():
        ranked = sorted(
            (place for place in places if not math.isnan(order[place])),
            key=lambda place: (order[place], rows[place].example.example_id),
        )
        taken.update(ranked[: amount(fraction, len(places))])
    if not taken:
        raise XstiltsError("no row of the set can be chosen: none has a label that the choice could read")
    return [row for place, row in enumerate(rows) if place in taken]
