"""Crossed and paired bootstrap: seeds are drawn once and clusters once per replicate, for all arms alike.

Two sources of chance meet in a score: which seeds were trained and which examples were tested. Every seed is
tested on the same examples, so the design is crossed, not nested: one replicate draws k of the k seeds and n of
the n clusters, both with replacement, and applies the drawn examples to every drawn seed. Arms share the draw, so
that the difference to the baseline is paired. See docs/intervals.md for the measured coverage.

Shapes: B replicates, n clusters, C counts, k seeds, N examples.

Source: Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1(2), doi:10.1214/07-AOAS122.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.cells import Floats, Interval

LEVEL = 0.95
BLOCK = 2_000_000
"""Weights in memory at once (16 MB)."""
GRID = 2.0**24
"""Counts are rounded to 2**-24 before they are summed with weights: such sums are exact in float64 up to 2**29,
so replicates are bit-identical for any order of the cells and any number of threads."""


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """One quantity (a score, a gain, an average of either) with its replicates."""

    mean: float
    by_seed: Mapping[int, float]
    """Value per seed; empty where it depends on no seed."""
    fewest: int
    """Seeds behind the part that has the fewest; 0 where no part depends on a seed."""
    clusters: int
    """Clusters behind the part that has the fewest."""
    crossed: Floats
    """[B], seeds and clusters drawn."""
    fixed: Floats
    """[B], clusters drawn, seeds held fixed."""


def generator(*parts: str) -> np.random.Generator:
    """A generator that depends on nothing but the strings given."""
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def seed_draws(seeds: Sequence[int], *, replicates: int) -> NDArray[np.int64]:
    """[B, k] indices into the sorted seeds.

    They depend only on the seeds: arms, languages and targets share them, as they share what a seed trains.
    """
    count = len(seeds)
    return generator("seeds", *map(str, sorted(seeds))).integers(0, count, size=(replicates, count))


def cluster_weights(target: str, clusters: Sequence[str], *, replicates: int) -> Iterator[Floats]:
    """How often each cluster is drawn: blocks [b, n] of float64, B rows in all.

    They depend only on the target and the set of clusters, so the languages of a parallel test share them.

    Args:
        target: the target task.
        clusters: the distinct cluster ids, sorted.
        replicates: B.
    """
    count = len(clusters)
    rng = generator("clusters", target, *clusters)
    rows = max(1, BLOCK // count)
    for start in range(0, replicates, rows):
        size = min(rows, replicates - start)
        drawn = rng.integers(0, count, size=(size, count))
        drawn += np.arange(size)[:, None] * count
        yield np.bincount(drawn.ravel(), minlength=size * count).reshape(size, count).astype(np.float64)


def cluster_sums(counts: Floats, cluster_of: NDArray[np.int64], clusters: int) -> Floats:
    """[N, C] counts per example → [n, C] per cluster, on the grid; ``cluster_of`` [N] is each row's cluster."""
    columns = [np.bincount(cluster_of, weights=column, minlength=clusters) for column in counts.T]
    return np.asarray(np.rint(np.stack(columns, axis=1) * GRID) / GRID)


def drawn_totals(sums: Floats, weights: Iterator[Floats]) -> Floats:
    """[n, M] sums per cluster → [B, M] totals of each replicate.

    Equal columns are multiplied once: the number of examples, for example, is the same in every arm.
    """
    first: dict[bytes, int] = {}
    where = np.array([first.setdefault(column.tobytes(), len(first)) for column in sums.T], dtype=np.int64)
    _, index = np.unique(where, return_index=True)
    distinct = np.ascontiguousarray(sums[:, index])
    return np.concatenate([block @ distinct for block in weights])[:, where]


def sampled(points: Floats, replicates: Floats, *, seeds: Sequence[int], clusters: int) -> Sampled:
    """Mean over seeds of a score and of its replicates.

    Args:
        points: [k] scores from all examples (k = 1 if the score depends on no seed).
        replicates: [B, k] scores from the drawn examples.
        seeds: k seeds, sorted; empty if the score depends on no seed.
        clusters: n.
    """
    fixed = replicates.mean(axis=1)
    crossed = fixed
    if len(seeds) > 1:
        drawn = seed_draws(seeds, replicates=len(replicates))
        crossed = np.take_along_axis(replicates, drawn, axis=1).mean(axis=1)
    return Sampled(
        mean=float(points.mean()),
        by_seed={seed: float(point) for seed, point in zip(seeds, points, strict=False)},
        fewest=len(seeds),
        clusters=clusters,
        crossed=crossed,
        fixed=fixed,
    )


def average(parts: Sequence[Sampled]) -> Sampled:
    """Unweighted mean of several quantities, replicate by replicate: draws that the parts share stay shared."""
    seeded = [part for part in parts if part.by_seed]
    common = set.intersection(*(set(part.by_seed) for part in seeded)) if seeded else set()
    return Sampled(
        mean=float(np.mean([part.mean for part in parts])),
        by_seed={
            seed: float(np.mean([part.by_seed.get(seed, part.mean) for part in parts])) for seed in sorted(common)
        },
        fewest=min((part.fewest for part in seeded), default=0),
        clusters=min(part.clusters for part in parts),
        crossed=np.mean([part.crossed for part in parts], axis=0),
        fixed=np.mean([part.fixed for part in parts], axis=0),
    )


def interval(replicates: Floats, *, level: float = LEVEL) -> Interval | None:
    """Percentile interval of [B] replicates; undefined (NaN) replicates are left out.

    None if more than half are undefined: an interval of the rest would be misleading.
    """
    defined = np.sort(replicates)[: int(np.count_nonzero(~np.isnan(replicates)))]
    if 2 * len(defined) < len(replicates) or len(defined) == 0:
        return None
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)
