"""The smallest gain that a study can see: of a finished one, and of one that has not run.

A gain is seen where its 95 % interval excludes zero. The smallest gain that is seen four times in five is the
standard error times the sum of Student's quantiles for 97.5 % and 80 %, with the interval's degrees of freedom.

Shapes: M gains or designs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xstilts.analysis.cells import Floats
from xstilts.analysis.percentiles import LEVEL
from xstilts.analysis.two_way import TwoWay, freedom, quantile

POWER = 0.8


def smallest_gain(errors: Floats, degrees: Floats, *, level: float = LEVEL) -> Floats:
    """[M], the gain that would have been told from zero four times in five.

    Args:
        errors: [M], standard errors.
        degrees: [M], of freedom.
        level: of the interval that has to exclude zero.
    """
    return (quantile((1 + level) / 2, degrees) + quantile(POWER, degrees)) * errors


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Variances of single observations: what a seed, an example and a seed with an example add to a gain.

    Attributes:
        seeds: of a seed's gain over all examples.
        items: of a cluster's gain over all seeds.
        rest: of what is left, one seed on one cluster.
    """

    seeds: float
    items: float
    rest: float

    @property
    def points(self) -> float:
        """Standard deviation of a seed's gain, in points."""
        return float(100 * np.sqrt(self.seeds))


def spread_of(gains: TwoWay, place: int = 0) -> Spread:
    """The variances behind one measured gain; what would be negative is 0."""
    k, n = int(gains.seeds[place]), int(gains.clusters[place])
    rest = float(gains.of_rest[place])
    return Spread(
        seeds=max(float(gains.of_seeds[place]) - rest, 0.0) * max(k, 1),
        items=max(float(gains.of_items[place]) - rest, 0.0) * n,
        rest=rest * max(k, 1) * n,
    )


def planned(spread: Spread, *, seeds: int, clusters: int) -> float:
    """The smallest gain of a design with so many seeds and clusters of examples.

    With one seed it is that of these seeds alone: how much seeds differ does not enter its interval.
    """
    of_rest = spread.rest / (seeds * clusters)
    of_items = spread.items / clusters + of_rest
    of_seeds = spread.seeds / seeds + of_rest if seeds > 1 else 0.0
    parts = [np.array([one]) for one in (of_seeds, of_items, of_rest if seeds > 1 else 0.0)]
    degrees = freedom(*parts, seeds=np.array([seeds]), clusters=np.array([clusters]))
    errors = np.sqrt(parts[1] + np.maximum(parts[0] - parts[2], 0.0))
    return float(smallest_gain(errors, degrees)[0])
