"""The interval that is printed: by variance components from three seeds on, by the crossed bootstrap below.

Two seeds cannot say how much seeds differ, so components would give intervals that help nobody there; from three seeds
on they cover what they should where the crossed bootstrap covers too much or too little (docs/intervals.md).

Shapes: B replicates, U quantities, k seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xstilts.analysis.bootstrap import Sampled, seed_weights
from xstilts.analysis.cells import FEW_SEEDS, Floats, Interval
from xstilts.analysis.percentiles import LEVEL, interval
from xstilts.analysis.two_way import TwoWay, items, of_draws, rest

COMPONENTS, CROSSED, EXAMPLES = "components", "crossed", "examples"
"""Kinds of interval; examples: one seed or none, so that differences between seeds are not covered."""


class Printed(NamedTuple):
    """An interval and its kind; without one, both say so."""

    ends: Interval | None
    kind: str


NOTHING = Printed(None, "")


def printed(quantity: Sampled, *, level: float = LEVEL) -> Printed:
    """The interval of one quantity; none from a single cluster, whose resamples are all alike."""
    if quantity.clusters < 2:
        return NOTHING
    if quantity.printed is not None and level == LEVEL:
        return Printed(*quantity.printed)
    if min(quantity.fewest, len(quantity.by_seed)) >= FEW_SEEDS:
        low, high = (float(end[0]) for end in of_draws([quantity]).ends(level=level))
        return NOTHING if np.isnan(low) else Printed((low, high), COMPONENTS)
    ends = interval(quantity.crossed, level=level)
    return NOTHING if ends is None else Printed(ends, CROSSED if quantity.fewest > 1 else EXAMPLES)


def by_components(
    points_Uk: Floats, crossed_UB: Floats, fixed_UB: Floats, *, seeds: Sequence[int], clusters: int
) -> list[Printed]:
    """The intervals of U quantities that have the same three seeds or more: those of `printed`, all at once."""
    k, n = points_Uk.shape[1], clusters
    of_items = items(fixed_UB, clusters=n)
    left_UB = crossed_UB - fixed_UB
    left_UB -= np.einsum("uk,kb->ub", points_Uk, seed_weights(tuple(seeds), crossed_UB.shape[1])) / k
    parts = TwoWay(
        means=points_Uk.mean(axis=1),
        of_seeds=points_Uk.var(axis=1, ddof=1) / k,
        of_items=of_items,
        of_rest=rest(left_UB, of_items, seeds=k),
        seeds=np.full(len(points_Uk), k),
        clusters=np.full(len(points_Uk), n),
    )
    ends = zip(*(end.tolist() for end in parts.ends()), strict=True)
    few = 2 * np.isnan(crossed_UB).sum(axis=1) > crossed_UB.shape[1]
    kept = ~few & np.isfinite(parts.means) & np.isfinite(parts.errors)
    return [Printed(pair, COMPONENTS) if is_kept else NOTHING for pair, is_kept in zip(ends, kept, strict=True)]
