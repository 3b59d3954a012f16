"""Totals of counts: per cluster, and of the clusters that each replicate draws.

Shapes: B replicates, n clusters, C counts, M results, N examples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.cells import Floats

GRID = 2.0**24
"""Counts are rounded to 2**-24 before they are summed with weights: such sums are exact in float64 up to 2**29,
so replicates are bit-identical for any order of the cells and any number of threads."""


class Clusters:
    """The distinct clusters of a test set, sorted, and where each list of names has them.

    Attributes:
        names: n of them.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self._number = {cluster: index for index, cluster in enumerate(names)}
        self._known: dict[int, tuple[Sequence[str], NDArray[np.int64]]] = {}
        """By where a list is in memory, with the list, which so stays there."""

    def of(self, names: Sequence[str]) -> NDArray[np.int64]:
        """[N] the number of each name; found once for every list, which most results of a place share."""
        known = self._known.get(id(names))
        if known is None:
            number = self._number
            known = self._known[id(names)] = (names, np.array([number[name] for name in names]))
        return known[1]


def cluster_sums(counts: Floats, cluster_of: NDArray[np.int64], clusters: int) -> Floats:
    """[N, C] counts per example → [n, C] per cluster, on the grid; ``cluster_of`` [N] is each row's cluster."""
    sums: Floats = _summed(counts[None], cluster_of, clusters)[0].T
    return sums


def summed(counts: Sequence[Floats], names: Sequence[Sequence[str]], clusters: Clusters) -> tuple[Floats, Floats]:
    """Counts per example of M results → [M, C, n] per cluster, on the grid, and [M, C] in all.

    Args:
        counts: [N, C] of each result.
        names: the cluster of each of its examples.
        clusters: that they are from.
    """
    alike = _alike(names)
    if len(alike) == 1:
        return _totals(counts, clusters.of(alike[0][0]), len(clusters.names))
    sums_MCn = np.empty((len(counts), counts[0].shape[1], len(clusters.names)))
    whole_MC = np.empty(sums_MCn.shape[:2])
    for of_one, some in alike:
        of_some = [counts[index] for index in some]
        sums_MCn[some], whole_MC[some] = _totals(of_some, clusters.of(of_one), len(clusters.names))
    return sums_MCn, whole_MC


def _alike(names: Sequence[Sequence[str]]) -> list[tuple[Sequence[str], list[int]]]:
    """Equal lists of names, with their positions."""
    if all(of_one is names[0] for of_one in names):
        return [(names[0], list(range(len(names))))]
    by_names: dict[tuple[str, ...], tuple[Sequence[str], list[int]]] = {}
    last: Sequence[str] = ()
    some: list[int] = []
    for index, of_one in enumerate(names):
        if of_one is not last and of_one != last:  # seldom: the results of a place follow each other
            last, some = of_one, by_names.setdefault(tuple(of_one), (of_one, []))[1]
        some.append(index)
    return list(by_names.values())


def _totals(counts: Sequence[Floats], cluster_of: NDArray[np.int64], clusters: int) -> tuple[Floats, Floats]:
    """Counts of M results on the same examples → [M, C, n] and [M, C]."""
    stacked_MNC = np.concatenate(counts).reshape(len(counts), len(cluster_of), -1)
    sums_MCn = _summed(stacked_MNC, cluster_of, clusters)
    if (np.rint(stacked_MNC) == stacked_MNC).all():  # whole numbers: the same in any order
        return sums_MCn, sums_MCn.sum(axis=-1)
    return sums_MCn, stacked_MNC.sum(axis=1)  # in the same order as alone


def _summed(counts_MNC: Floats, cluster_of: NDArray[np.int64], clusters: int) -> Floats:
    """Counts of M results on the same examples → [M, C, n], where the results of one count follow each other."""
    if len(cluster_of) == clusters:  # every example is a cluster of its own
        columns_CMn = counts_MNC.take(np.argsort(cluster_of), axis=1).transpose(2, 0, 1)
        return _on_grid(np.ascontiguousarray(columns_CMn)).transpose(1, 0, 2)
    columns = counts_MNC.transpose(2, 0, 1)
    rows = columns.shape[0] * columns.shape[1]
    where = np.arange(rows)[:, None] * clusters + cluster_of
    sums: Floats = np.bincount(where.ravel(), weights=columns.ravel(), minlength=rows * clusters).astype(
        np.float64, copy=False
    )
    return _on_grid(sums).reshape(*columns.shape[:2], clusters).transpose(1, 0, 2)


def _on_grid(sums: Floats) -> Floats:
    """The sums, rounded; in place."""
    sums *= GRID
    np.rint(sums, out=sums)
    sums /= GRID
    return sums


def drawn_totals(sums: Floats, weights: Iterator[Floats]) -> Floats:
    """[n, M] sums per cluster → [B, M] totals of each replicate."""
    return np.concatenate([block @ sums for block in weights])


def drawn_columns(sums_MCn: Floats, weights: Iterator[Floats], *, replicates: int) -> Floats:
    """[M, C, n] sums per cluster → [C, M, B] totals of each replicate.

    Equal neighbours are multiplied once: the number of examples, for one, is the same in every arm.
    """
    distinct = [_distinct(np.ascontiguousarray(column)) for column in sums_MCn.transpose(1, 0, 2)]
    totals_CMB = np.empty((len(distinct), len(sums_MCn), replicates))
    start = 0
    for block in weights:
        for (sums, back), totals in zip(distinct, totals_CMB[:, :, start : start + len(block)], strict=True):
            if back is None:
                np.matmul(sums, block.T, out=totals)
            else:
                totals[...] = (sums @ block.T)[back]
        start += len(block)
    return totals_CMB


def _distinct(rows: Floats) -> tuple[Floats, NDArray[np.int64] | slice | None]:
    """Rows that differ from the one before, and how to repeat them; None where all do."""
    new = np.concatenate([[True], (rows[1:] != rows[:-1]).any(axis=1)])
    if new.all():
        return rows, None
    # One row alone is repeated without an index.
    return rows[new], np.cumsum(new) - 1 if new.sum() > 1 else slice(None)
