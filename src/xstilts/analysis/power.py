"""The smallest gain that a study can see: of a finished one, and of one that has not run.

A gain is seen where its 95 % interval excludes zero. The smallest gain that is seen four times in five is the
standard error times the sum of Student's quantiles for 97.5 % and 80 %, with the interval's degrees of freedom.

Shapes: M gains or designs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xstilts.analysis.bootstrap import generator
from xstilts.analysis.cells import Floats
from xstilts.analysis.percentiles import LEVEL
from xstilts.analysis.two_way import TwoWay, quantile

POWER = 0.8
DRAWS = 4000
"""Of the components of a study that has not run."""


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


def mean_spread(spreads: Sequence[Spread]) -> Spread:
    """The mean of each variance."""
    found = np.array([(one.seeds, one.items, one.rest) for one in spreads]).mean(axis=0)
    return Spread(seeds=float(found[0]), items=float(found[1]), rest=float(found[2]))


def planned(spread: Spread, *, seeds: int, clusters: int) -> float:
    """The gain that a design with so many seeds and clusters of examples sees four times in five.

    How wide its interval will be is itself a matter of luck, with few seeds above all. So the components are drawn as
    a study would estimate them, and the gain is the one that their intervals exclude zero for in 80 % of the draws.
    With one seed it is the gain of that seed alone: how much seeds differ does not enter its interval.
    """
    from scipy.special import ndtr

    of_rest = spread.rest / (seeds * clusters)
    of_items = spread.items / clusters + of_rest
    of_seeds = spread.seeds / seeds + of_rest
    few, many = max(seeds - 1, 1), max(clusters - 1, 1)
    rng = generator("planned", str(seeds), str(clusters))

    def drawn(expected: float, degrees: int) -> Floats:
        return expected * rng.chisquare(degrees, DRAWS) / degrees

    estimates = drawn(of_seeds, few) * (seeds > 1), drawn(of_items, many), drawn(of_rest, few * many) * (seeds > 1)
    found = TwoWay(
        means=np.zeros(DRAWS),
        of_seeds=estimates[0],
        of_items=estimates[1],
        of_rest=estimates[2],
        seeds=np.full(DRAWS, seeds),
        clusters=np.full(DRAWS, clusters),
    )
    reach = found.ends()[1]
    error = float(np.sqrt(of_items + (of_seeds - of_rest if seeds > 1 else 0.0)))
    low, high = 0.0, float(reach.max()) + 10 * error
    for _ in range(60):
        middle = (low + high) / 2
        seen = float(ndtr((middle - reach) / max(error, np.finfo(np.float64).tiny)).mean())
        low, high = (middle, high) if seen < POWER else (low, middle)
    return high
