"""How rows are taken by their order: within each language, ties by row id."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

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


def drawn_of_each_language(
    members: Mapping[str, Sequence[int]], counts: Mapping[str, int], *, seed: int
) -> dict[str, list[int]]:
    """Language → so many of its places, in their order: by the seed, the language and their number alone.

    Args:
        members: language → places that may be drawn.
        counts: language → how many, at most as many as there are.
        seed: of the draw.
    """
    found: dict[str, list[int]] = {}
    for language, count in counts.items():
        own, rng = members[language], np.random.default_rng([seed, *language.encode("utf-8")])
        found[language] = [own[one] for one in sorted(rng.choice(len(own), size=count, replace=False).tolist())]
    return found


def in_order(rows: Sequence[Located], taken: Iterable[Sequence[int]]) -> list[Located]:
    """The rows at some places, in the order of all rows."""
    return [rows[place] for place in sorted(place for places in taken for place in places)]


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
