"""What the metrics over ranked lists share."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import UserError

Ranking = Sequence[Hashable] | NDArray[np.generic]
"""Ids, the best first."""


def check_cutoff(metric: str, k: int | None) -> None:
    """Refuses a cutoff below 1.

    Raises:
        UserError: k is neither None nor a positive int.
    """
    if k is not None and (isinstance(k, bool) or not isinstance(k, int) or k < 1):
        raise UserError(f"{metric}: the cutoff k is {k!r}; expected a positive int, or None for the whole ranking")


def relevance(metric: str, gold: Collection[Hashable], predicted: Ranking, k: int | None) -> tuple[list[bool], int]:
    """Which of the first k ranks hold a correct id for the first time, and how many correct ids there are.

    Raises:
        UserError: gold hidden (None), a bare id or empty; predicted not a sequence.
    """
    if isinstance(gold, str | bytes) or not isinstance(gold, Collection):
        raise UserError(f"{metric}: the gold is {gold!r}; expected a collection of correct ids")
    if isinstance(predicted, str | bytes) or not isinstance(predicted, Sequence | np.ndarray):
        raise UserError(f"{metric}: predicted is {predicted!r}; expected ranked ids, the best first")
    correct = set(gold)
    if not correct:
        raise UserError(f"{metric}: a query without a correct id cannot be scored")
    found: set[Hashable] = set()
    hits = []
    for candidate in predicted[:k]:
        hits.append(candidate in correct and candidate not in found)
        found.add(candidate)
    return hits, len(correct)
