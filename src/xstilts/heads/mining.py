"""Mines translations out of two texts by the ratio margin (Artetxe and Schwenk 2019, arXiv 1811.01136).

The similarity matrix is computed tile by tile, once for both directions, and never held: memory is that of the vectors,
of K neighbours a vector, and of one tile. faiss (``IndexFlatIP``) finds the same neighbours in three times the time: it
needs a pass for each direction, and leaves open which of equal neighbours it gives.

Shape legend: M left and N right vectors, D their width, K neighbours, H hits in a tile, P mined pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.retrieval import Vectors

NEIGHBOURS = 4
ROWS, COLUMNS = 1024, 4096
"""The largest tile: 16 MiB."""
FIRST = 16

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Mined(NamedTuple):
    """Pairs that are one to one, the highest margin first: indices [P] of left and right, and their margins [P]."""

    left: Integers
    right: Integers
    margin: Floats


def mine(left_MD: Vectors, right_ND: Vectors, *, neighbours: int = NEIGHBOURS) -> Mined:
    """The pairs that XTREME's ``mine_bitext`` finds (``retrieval="max"``, ``margin="ratio"``), before any threshold.

    Each vector proposes the best by margin among its nearest; proposals are accepted from the highest margin down,
    while both are free. Of equal ones the first: left proposes before right, lower indices before higher ones. Only
    margins above 0 are pairs.

    Args:
        left_MD: vectors of length 1, each sentence once.
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


class Nearest:
    """The nearest so far of each of ``count`` vectors: ``similarity`` and ``index`` [count, K], the nearest first.

    Of equally near ones the lower index, as long as hits are added with rising indices.
    """

    def __init__(self, count: int, most: int) -> None:
        self.similarity: Vectors = np.full((count, most), -np.inf, dtype=np.float32)
        self.index: Integers = np.zeros((count, most), dtype=np.int64)

    @property
    def mean(self) -> Floats:
        """Mean similarity to the nearest [count]."""
        mean: Floats = self.similarity.mean(axis=1, dtype=np.float64)
        return mean

    def add(self, mine_H: Integers, theirs_H: Integers, similarity_H: Vectors) -> None:
        """Takes in hits: vector ``mine`` has ``similarity`` to vector ``theirs`` of the other side."""
        touched, most = np.unique(mine_H), self.index.shape[1]
        owner = np.concatenate([np.repeat(touched, most), mine_H])
        index = np.concatenate([self.index[touched].ravel(), theirs_H])
        similarity = np.concatenate([self.similarity[touched].ravel(), similarity_H])
        order = np.lexsort((index, -similarity, owner))
        kept = order[np.searchsorted(owner[order], touched)[:, None] + np.arange(most)]
        self.similarity[touched], self.index[touched] = similarity[kept], index[kept]


def nearest_of_all(left_MD: Vectors, right_ND: Vectors, *, most: int) -> tuple[Nearest, Nearest]:
    """The nearest right vectors of each left one and the nearest left ones of each right one, by dot product."""
    of_left = Nearest(len(left_MD), min(most, len(right_ND)))
    of_right = Nearest(len(right_ND), min(most, len(left_MD)))
    for top, bottom in _spans(len(left_MD), ROWS):
        for start, stop in _spans(len(right_ND), COLUMNS):
            tile = left_MD[top:bottom] @ right_ND[start:stop].T
            rows, columns = np.divmod(np.flatnonzero(tile > of_left.similarity[top:bottom, -1:]), stop - start)
            if len(rows):
                of_left.add(rows + top, columns + start, tile[rows, columns])
            rows, columns = np.divmod(np.flatnonzero(tile > of_right.similarity[start:stop, -1]), stop - start)
            if len(rows):
                of_right.add(columns + start, rows + top, tile[rows, columns])
    return of_left, of_right


def _spans(count: int, longest: int) -> Iterator[tuple[int, int]]:
    """Stretches that grow: the first, short ones set a bar that hardly anything in the later ones passes."""
    start, length = 0, FIRST
    while start < count:
        stop = min(start + length, count)
        yield start, stop
        start, length = stop, min(2 * length, longest)


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
