"""Mines translations out of two texts by the ratio margin (Artetxe and Schwenk 2019, arXiv 1811.01136).

Exact nearest neighbours in both directions come from one pass over the similarities (``nearest``).

Shape legend: M left and N right vectors, D their width, K neighbours, P mined pairs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.nearest import Nearest, nearest_of_all
from xstilts.heads.screening import Source

NEIGHBOURS = 4

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Mined(NamedTuple):
    """Pairs that are one to one, the highest margin first: indices [P] of left and right, and their margins [P]."""

    left: Integers
    right: Integers
    margin: Floats


def mine(left_MD: Source, right_ND: Source, *, neighbours: int = NEIGHBOURS) -> Mined:
    """The pairs that XTREME's ``mine_bitext`` finds (``retrieval="max"``, ``margin="ratio"``), before any threshold.

    Each vector proposes the best by margin among its nearest; proposals are accepted from the highest margin down,
    while both are free. Of equal ones the first: left proposes before right, lower indices before higher ones. Only
    margins above 0 are pairs.

    Args:
        left_MD: vectors of length 1, each sentence once; an array, or what gives stretches of one.
        right_ND: likewise.
        neighbours: over which the mean similarity is taken, in both directions.
    """
    if not len(left_MD) or not len(right_ND):
        return Mined(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    of_left, of_right = nearest_of_all(left_MD, right_ND, most=neighbours)
    left_M, right_N = np.arange(len(left_MD)), np.arange(len(right_ND))
    best_M, forth_M = _proposals(of_left, of_right)
    best_N, back_N = _proposals(of_right, of_left)
    pairs = Mined(
        np.concatenate([left_M, best_N]), np.concatenate([best_M, right_N]), np.concatenate([forth_M, back_N])
    )
    return _one_to_one(pairs)


def _proposals(mine: Nearest, theirs: Nearest) -> tuple[Integers, Floats]:
    """For each vector the one of its nearest with the highest margin, the first of equal ones, and that margin."""
    means = (mine.mean[:, None] + theirs.mean[mine.index]) / 2
    nothing = np.full(means.shape, -np.inf)
    margins = np.divide(mine.similarity, means, out=nothing, where=means != 0)
    best = margins.argmax(axis=1)[:, None]
    return np.take_along_axis(mine.index, best, axis=1)[:, 0], np.take_along_axis(margins, best, axis=1)[:, 0]


def _one_to_one(pairs: Mined) -> Mined:
    """From the highest margin down, what pairs two that are still free."""
    order = np.argsort(-pairs.margin, kind="stable")
    order = order[pairs.margin[order] > 0]
    used_left: set[int] = set()
    used_right: set[int] = set()
    kept = []
    for place, left, right in zip(order.tolist(), pairs.left[order].tolist(), pairs.right[order].tolist(), strict=True):
        if left not in used_left and right not in used_right:
            used_left.add(left)
            used_right.add(right)
            kept.append(place)
    return Mined(pairs.left[kept], pairs.right[kept], pairs.margin[kept])
