"""Many quantities at once: scores of arms and their gains, each as `bootstrap.sampled` gives it, and bit for bit.

Shapes: B replicates, k seeds, M results, U units.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np

from xstilts.analysis.bootstrap import Sampled
from xstilts.analysis.cells import FEW_SEEDS, Floats, Interval
from xstilts.analysis.crossing import Crossing, Means
from xstilts.analysis.percentiles import intervals
from xstilts.analysis.printed import CROSSED, EXAMPLES, NOTHING, Printed, by_components


class Unit(NamedTuple):
    """One arm in one language: the places of its results by seed, ascending; without seeds, of its one result."""

    arm: str
    language: str
    seeds: tuple[int, ...]
    places: tuple[int, ...]

    def at(self, seeds: Sequence[int]) -> list[int]:
        """The places of some seeds; a constant pairs with every seed."""
        if not self.seeds:
            return [self.places[0]] * max(len(seeds), 1)
        if seeds == self.seeds:
            return list(self.places)
        return [self.places[self.seeds.index(seed)] for seed in seeds]


def paired(
    units: Sequence[Unit],
    bases: Sequence[int | None],
    points: Floats,
    drawn: Floats,
    *,
    clusters: int,
    crossing: Crossing,
) -> list[tuple[Sampled, Sampled | None]]:
    """The scores of units and, where they have a baseline, their gains.

    Args:
        units: U.
        bases: U places in ``units``: of the baseline that each is compared with.
        points: [M] scores from all examples.
        drawn: [M, B] scores from the drawn examples.
        clusters: n.
        crossing: how means over seeds are taken.
    """
    seeds = units[0].seeds
    if any(unit.seeds != seeds for unit in units):
        values = quantities(units, points, drawn, clusters=clusters, crossing=crossing)
        others = [None if base is None else units[base] for base in bases]
        less = differences(units, others, points, drawn, clusters=clusters, crossing=crossing)
        return list(zip(values, less, strict=True))
    places = np.array([unit.places for unit in units])
    arms = [arm for arm, base in enumerate(bases) if base is not None]
    of_arms = [base for base in bases if base is not None]
    scores, gains = crossing.both(drawn, places, seeds, pairs=(arms, of_arms))
    points_Uk = points[places]
    values = _sampled(points_Uk, scores, seeds=seeds, clusters=clusters)
    found: list[Sampled | None] = [None] * len(units)
    for arm, gain in zip(
        arms, _sampled(points_Uk[arms] - points_Uk[of_arms], gains, seeds=seeds, clusters=clusters), strict=True
    ):
        found[arm] = None if math.isnan(gain.mean) else gain
    return list(zip(values, found, strict=True))


def quantities(
    units: Sequence[Unit], points: Floats, drawn: Floats, *, clusters: int, crossing: Crossing
) -> list[Sampled]:
    """The scores of units.

    Args:
        units: U.
        points: [M] scores from all examples.
        drawn: [M, B] scores from the drawn examples.
        clusters: n.
        crossing: how means over seeds are taken.
    """

    def of(some: list[int], seeds: tuple[int, ...]) -> list[Sampled]:
        places = np.array([units[index].at(seeds) for index in some])
        return _sampled(points[places], crossing.scores(drawn, places, seeds), seeds=seeds, clusters=clusters)

    found = _alike([unit.seeds for unit in units], of)
    return [found[index] for index in range(len(units))]


def differences(
    units: Sequence[Unit],
    bases: Sequence[Unit | None],
    points: Floats,
    drawn: Floats,
    *,
    clusters: int,
    crossing: Crossing,
) -> list[Sampled | None]:
    """Arm minus baseline, seed by seed; None without a baseline, a shared seed, or a number."""

    def of(some: list[int], seeds: tuple[int, ...]) -> list[Sampled]:
        arms = np.array([units[index].at(seeds) for index in some])
        base = np.array([one.at(seeds) for index in some if (one := bases[index])])
        means = crossing.gains(drawn, arms, base, seeds)
        return _sampled(points[arms] - points[base], means, seeds=seeds, clusters=clusters)

    found = _alike([_shared(unit, base) for unit, base in zip(units, bases, strict=True)], of)
    gains = [found.get(index) for index in range(len(units))]
    return [None if gain is None or math.isnan(gain.mean) else gain for gain in gains]


def _shared(unit: Unit, base: Unit | None) -> tuple[int, ...] | None:
    """The seeds that a gain pairs; None where there is nothing to pair."""
    if base is None:
        return None
    if not unit.seeds or not base.seeds or unit.seeds == base.seeds:
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


def _sampled(points_Uk: Floats, means: Means, *, seeds: tuple[int, ...], clusters: int) -> list[Sampled]:
    """Means over seeds of U quantities and of their replicates."""
    crossed_UB, fixed_UB = means
    few = 0 < len(seeds) < FEW_SEEDS
    nothing: list[Interval | None] = [None] * len(points_Uk)
    if len(seeds) >= FEW_SEEDS and clusters > 1:
        bounds: Sequence[Printed] = by_components(points_Uk, crossed_UB, fixed_UB, seeds=seeds, clusters=clusters)
    else:
        kind = CROSSED if len(seeds) > 1 else EXAMPLES
        ends = intervals(crossed_UB) if clusters > 1 else nothing
        bounds = [NOTHING if pair is None else Printed(pair, kind) for pair in ends]
    only = [one.ends for one in bounds]
    if fixed_UB is not crossed_UB:
        only = intervals(fixed_UB) if few and clusters > 1 else nothing
    averages, by_seed = points_Uk.mean(axis=1).tolist(), map(dict, map(zip, repeat(seeds), points_Uk.tolist()))
    seen = repeat(len(seeds)), repeat(clusters)
    return list(map(Sampled, averages, by_seed, *seen, crossed_UB, fixed_UB, bounds, only))
