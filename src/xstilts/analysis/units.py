"""Many quantities at once: scores of arms and their gains, each as `bootstrap.sampled` gives it, and bit for bit.

Shapes: B replicates, k seeds, M results, U units.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.bootstrap import Sampled, seed_draws
from xstilts.analysis.cells import FEW_SEEDS, Floats
from xstilts.analysis.percentiles import intervals, mean_in_order


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One arm in one language: the places of its results by seed, ascending; without seeds, of its one result."""

    arm: str
    language: str
    seeds: tuple[int, ...]
    places: tuple[int, ...]

    def at(self, seeds: Sequence[int]) -> list[int]:
        """The places of some seeds; a constant pairs with every seed."""
        if not self.seeds:
            return [self.places[0]] * max(len(seeds), 1)
        return [self.places[self.seeds.index(seed)] for seed in seeds]


def quantities(units: Sequence[Unit], points: Floats, drawn: Floats, *, clusters: int) -> list[Sampled]:
    """The scores of units.

    Args:
        units: U.
        points: [M] scores from all examples.
        drawn: [M, B] scores from the drawn examples.
        clusters: n.
    """

    def of(some: list[int], seeds: tuple[int, ...]) -> list[Sampled]:
        places = np.array([units[index].at(seeds) for index in some])
        return _sampled(points[places], [_rows(drawn, column) for column in places.T], seeds=seeds, clusters=clusters)

    found = _alike([unit.seeds for unit in units], of)
    return [found[index] for index in range(len(units))]


def differences(
    units: Sequence[Unit], bases: Sequence[Unit | None], points: Floats, drawn: Floats, *, clusters: int
) -> list[Sampled | None]:
    """Arm minus baseline, seed by seed; None without a baseline, a shared seed, or a number."""

    def of(some: list[int], seeds: tuple[int, ...]) -> list[Sampled]:
        arms = np.array([units[index].at(seeds) for index in some])
        base = np.array([one.at(seeds) for index in some if (one := bases[index])])
        parts = [_rows(drawn, arm) - _rows(drawn, none) for arm, none in zip(arms.T, base.T, strict=True)]
        return _sampled(points[arms] - points[base], parts, seeds=seeds, clusters=clusters)

    found = _alike([_shared(unit, base) for unit, base in zip(units, bases, strict=True)], of)
    gains = [found.get(index) for index in range(len(units))]
    return [None if gain is None or math.isnan(gain.mean) else gain for gain in gains]


def _rows(drawn: Floats, places: NDArray[np.int64]) -> Floats:
    """Some rows; a view, where they are as far from each other as the first two are."""
    if len(places) > 1:
        step = int(places[1] - places[0])
        if step > 0 and (np.diff(places) == step).all():
            return drawn[places[0] : places[-1] + 1 : step]
    return drawn[places]


def _shared(unit: Unit, base: Unit | None) -> tuple[int, ...] | None:
    """The seeds that a gain pairs; None where there is nothing to pair."""
    if base is None:
        return None
    if not unit.seeds or not base.seeds:
        return unit.seeds or base.seeds
    return tuple(seed for seed in unit.seeds if seed in base.seeds) or None


def _alike(
    seeds: Sequence[tuple[int, ...] | None], of: Callable[[list[int], tuple[int, ...]], list[Sampled]]
) -> dict[int, Sampled]:
    """What ``of`` finds for those that have the same seeds, by position."""
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, of_one in enumerate(seeds):
        if of_one is not None:
            alike[of_one].append(index)
    return {index: one for same, some in alike.items() for index, one in zip(some, of(some, same), strict=True)}


def _sampled(points_Uk: Floats, parts: list[Floats], *, seeds: tuple[int, ...], clusters: int) -> list[Sampled]:
    """Means over seeds of U quantities and of their replicates; ``parts`` are k arrays [U, B]."""
    fixed_UB = mean_in_order(parts)
    crossed_UB = fixed_UB
    if len(seeds) > 1:
        draws_Bk = seed_draws(seeds, replicates=fixed_UB.shape[1])
        crossed_UB = _crossed(np.concatenate(parts, axis=1), draws_Bk)
    few = 0 < len(seeds) < FEW_SEEDS
    nothing = [None] * len(points_Uk)
    bounds = intervals(crossed_UB) if clusters > 1 else nothing
    only = bounds if crossed_UB is fixed_UB else intervals(fixed_UB) if few and clusters > 1 else nothing
    means = points_Uk.mean(axis=1).tolist()
    return [
        Sampled(
            mean=mean,
            by_seed=dict(zip(seeds, values, strict=False)),
            fewest=len(seeds),
            clusters=clusters,
            crossed=crossed,
            fixed=fixed,
            crossed_interval=ends,
            fixed_interval=own,
        )
        for mean, values, crossed, fixed, ends, own in zip(
            means, points_Uk.tolist(), crossed_UB, fixed_UB, bounds, only, strict=True
        )
    ]


def _crossed(side_by_side: Floats, draws_Bk: NDArray[np.int64]) -> Floats:
    """Means over the seeds that each replicate draws: [U, k·B], seed after seed → [U, B]."""
    replicates = len(draws_Bk)
    own = np.arange(replicates)
    columns = [
        np.take(side_by_side, drawn * replicates + own, axis=1, mode="clip")  # checked by their making
        for drawn in draws_Bk.T
    ]
    return mean_in_order(columns)
