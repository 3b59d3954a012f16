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
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.cells import Floats, Interval

BLOCK = 2_000_000
"""Weights in memory at once (16 MB)."""


class Sampled(NamedTuple):
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
    printed: tuple[Interval | None, str] | None = None
    """The interval that reports print and its kind, where it was computed together with those of others."""
    fixed_interval: Interval | None = None


def generator(*parts: str) -> np.random.Generator:
    """A generator that depends on nothing but the strings given."""
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def seed_draws(seeds: Sequence[int], *, replicates: int) -> NDArray[np.int64]:
    """[B, k] indices into the sorted seeds.

    They depend only on the seeds: arms, languages and targets share them, as they share what a seed trains.
    """
    return _seed_draws(tuple(sorted(seeds)), replicates)


@lru_cache(maxsize=64)
def _seed_draws(seeds: tuple[int, ...], replicates: int) -> NDArray[np.int64]:
    """Nearly all cells of a run have the same seeds; nobody writes into what they share."""
    draws = generator("seeds", *map(str, seeds)).integers(0, len(seeds), size=(replicates, len(seeds)))
    draws.setflags(write=False)
    return draws


@lru_cache(maxsize=64)
def seed_weights(seeds: tuple[int, ...], replicates: int) -> Floats:
    """[k, B] how often each of the sorted seeds is drawn; nobody writes into what all share."""
    drawn = seed_draws(seeds, replicates=replicates)
    weights = np.stack([(drawn == index).sum(axis=1) for index in range(len(seeds))]).astype(np.float64)
    weights.setflags(write=False)
    return weights


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


def difference(first: Sampled, second: Sampled) -> Sampled:
    """One quantity less another, replicate by replicate: draws that the two share stay shared."""
    both = [one for one in (first, second) if one.by_seed]
    seeds = sorted(set.intersection(*(set(one.by_seed) for one in both))) if both else []
    return Sampled(
        mean=first.mean - second.mean,
        by_seed={seed: first.by_seed.get(seed, first.mean) - second.by_seed.get(seed, second.mean) for seed in seeds},
        fewest=min((one.fewest for one in both), default=0),
        clusters=min(first.clusters, second.clusters),
        crossed=first.crossed - second.crossed,
        fixed=first.fixed - second.fixed,
    )
