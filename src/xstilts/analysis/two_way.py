"""Two-way variance components of a gain, and the interval that they give with Satterthwaite's degrees of freedom.

A mean over k seeds and n clusters of examples varies with the seeds, with the examples, and with what a seed makes of
an example. Three estimates say by how much: S, the variance of the mean by what the seeds' own means differ; I, by
what the examples' means over seeds differ; and R, by the rest, which S and I both contain. Seeds vary beyond the luck
of their examples by B = max(S - R, 0), so the variance of the mean is V = I + B. It has

    V² / (√(B / S) S² / (k - 1) + I² / (n - 1))

degrees of freedom. Satterthwaite's have S² alone there. But where S exceeds R by next to nothing, seeds add next to
nothing, and their few degrees of freedom must not count in full: the interval would jump to twice its width. The
interval takes Student's quantile, so it is wide where few seeds have to say how much seeds differ. docs/intervals.md
has the measured coverage.

Shapes: M quantities, B replicates, k seeds, n clusters.

Source: Satterthwaite (1946), An approximate distribution of estimates of variance components, Biometrics Bulletin 2(6),
doi:10.2307/3002019; the variance of a two-way layout as in Owen (2007), doi:10.1214/07-AOAS122.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.bootstrap import Sampled, seed_draws
from xstilts.analysis.cells import Floats
from xstilts.analysis.percentiles import LEVEL

OUT_OF_PROPORTION = 30.0
"""How many times the median variance over seeds: with three normal seeds, one of five members has it by luck in 0.3 %
of families, one of 15 in 0.03 %; with two seeds in 5 to 6 %."""


@dataclass(frozen=True, kw_only=True)
class TwoWay:
    """M means with the components of their variances; NaN where there are none.

    Attributes:
        means: [M].
        of_seeds: [M], S; 0 where there are fewer than two seeds.
        of_items: [M], I.
        of_rest: [M], R.
        seeds: [M], k.
        clusters: [M], n.
    """

    means: Floats
    of_seeds: Floats
    of_items: Floats
    of_rest: Floats
    seeds: NDArray[np.int64]
    clusters: NDArray[np.int64]

    @cached_property
    def between(self) -> Floats:
        """[M], the part of the variance that is the seeds', beyond the luck of their examples."""
        return np.maximum(self.of_seeds - self.of_rest, 0.0)

    @cached_property
    def errors(self) -> Floats:
        """[M], standard errors."""
        return np.sqrt(self.of_items + self.between)

    @cached_property
    def freedom(self) -> Floats:
        """[M], degrees of freedom."""
        return freedom(self.of_seeds, self.of_items, self.of_rest, seeds=self.seeds, clusters=self.clusters)

    def ends(self, *, level: float = LEVEL) -> tuple[Floats, Floats]:
        """[M] and [M], lower and upper ends of the intervals."""
        half = quantile(1 - (1 - level) / 2, self.freedom) * self.errors
        return self.means - half, self.means + half

    def above(self, threshold: float = 0.0) -> Floats:
        """[M], one-sided p-values of the means being no larger than a threshold."""
        return tail((self.means - threshold) / _safe(self.errors, self.means - threshold), self.freedom)

    def below(self, threshold: float = 0.0) -> Floats:
        """[M], one-sided p-values of the means being no smaller than a threshold."""
        return tail((threshold - self.means) / _safe(self.errors, threshold - self.means), self.freedom)


def pooled(members: TwoWay) -> TwoWay:
    """The same with the seeds' variance of a family: of each member its own, but not less than the members' mean.

    Few seeds say little on how much they differ, and of many members some look by luck as if seeds did not differ at
    all: those would be the ones that are named. Members are trained with the same seeds, so the degrees of freedom
    stay those of one member. A member whose seeds differ out of all proportion, as where one of them learned nothing,
    is left out of the mean: it says nothing of the others. (The median instead of the mean lets the simultaneous
    intervals of five arms miss up to twice as often with three seeds that differ.)
    """
    several = members.seeds > 1
    known = several & ~np.isnan(members.of_seeds)
    of_one = (members.of_seeds * members.seeds)[known]
    usual = of_one <= OUT_OF_PROPORTION * np.median(of_one) if len(of_one) else np.empty(0, dtype=bool)
    beyond_luck = ((members.of_seeds - members.of_rest) * members.seeds)[known][usual]
    mean = max(float(beyond_luck.mean()), 0.0) if len(beyond_luck) else 0.0
    at_least = np.where(several, mean / np.maximum(members.seeds, 1), 0.0)
    return replace(members, of_seeds=np.maximum(members.between, at_least), of_rest=np.zeros_like(members.of_rest))


def freedom(
    of_seeds: Floats, of_items: Floats, of_rest: Floats, *, seeds: NDArray[np.int64], clusters: NDArray[np.int64]
) -> Floats:
    """Degrees of freedom, at least 1."""
    between = np.maximum(of_seeds - of_rest, 0.0)
    few, many = np.maximum(seeds - 1, 1), np.maximum(clusters - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond_luck = np.sqrt(between / of_seeds)
        found = (of_items + between) ** 2 / (beyond_luck * of_seeds**2 / few + of_items**2 / many)
    return np.maximum(np.where(between > 0, found, many), 1.0)


def of_matrix(values: Floats) -> TwoWay:
    """Of M matrices [M, k, n] of what each seed scores on each example, exactly."""
    k, n = values.shape[1:]
    means = values.mean(axis=(1, 2))
    rows, columns = values.mean(axis=2) - means[:, None], values.mean(axis=1) - means[:, None]
    of_rows, of_columns = (rows**2).sum(axis=1), (columns**2).sum(axis=1)
    whole = ((values - means[:, None, None]) ** 2).sum(axis=(1, 2))
    few = max(k - 1, 1)
    return TwoWay(
        means=means,
        of_seeds=of_rows / (k * few),
        of_items=of_columns / (n * (n - 1)),
        of_rest=np.maximum(whole - n * of_rows - k * of_columns, 0.0) / (k * n * few * (n - 1)) * (k > 1),
        seeds=np.full(len(means), k),
        clusters=np.full(len(means), n),
    )


def of_draws(quantities: Sequence[Sampled]) -> TwoWay:
    """Of scores, gains or averages, from their replicates: any metric, and means of several as well."""
    found = [_components(one) for one in quantities]
    parts = np.array(found, dtype=np.float64).reshape(len(found), 3)
    return TwoWay(
        means=np.array([one.mean for one in quantities], dtype=np.float64),
        of_seeds=parts[:, 0],
        of_items=parts[:, 1],
        of_rest=parts[:, 2],
        seeds=np.array([len(one.by_seed) for one in quantities], dtype=np.int64),
        clusters=np.array([one.clusters for one in quantities], dtype=np.int64),
    )


def _components(one: Sampled) -> tuple[float, float, float]:
    """S, I and R of one quantity; NaN where replicates are undefined, or all clusters are one."""
    values = np.array(list(one.by_seed.values()), dtype=np.float64)
    k, n = len(values), one.clusters
    drawn = one.crossed if k < 2 else one.fixed
    defined = ~np.isnan(one.crossed)
    if n < 2 or np.isnan(values).any() or 2 * defined.sum() < len(defined) or len(defined) < 2:
        return (np.nan, np.nan, np.nan)
    of_items = items(drawn[None], clusters=n)
    if k < 2:
        return 0.0, float(of_items[0]), 0.0
    of_seeds = float(values.var(ddof=1)) / k
    if one.fewest != k:  # parts with other seeds: nothing is taken off
        return of_seeds, float(of_items[0]), 0.0
    by_seed = values[np.argsort(list(one.by_seed))]
    seeds = by_seed[seed_draws(list(one.by_seed), replicates=len(one.crossed))].mean(axis=1)
    return of_seeds, float(of_items[0]), float(rest((one.crossed - one.fixed - seeds)[None], of_items, seeds=k)[0])


def items(fixed_UB: Floats, *, clusters: int) -> Floats:
    """[U], I from the replicates of examples alone."""
    return np.asarray(_variances(fixed_UB) * clusters / (clusters - 1))


def rest(left_UB: Floats, of_items: Floats, *, seeds: int) -> Floats:
    """[U], R from what the replicates of seeds alone and of examples alone leave of those of both; I contains it."""
    return np.minimum(_variances(left_UB) * seeds / (seeds - 1), of_items)


def _variances(replicates_UB: Floats) -> Floats:
    """[U], of the replicates that are defined."""
    away = replicates_UB - replicates_UB.mean(axis=1, keepdims=True)
    found: Floats = np.einsum("ub,ub->u", away, away) / replicates_UB.shape[1]
    for row in np.flatnonzero(np.isnan(found)):
        defined = replicates_UB[row][~np.isnan(replicates_UB[row])]
        found[row] = defined.var() if len(defined) else np.nan
    return found


def quantile(share: float, degrees: Floats | float) -> Floats:
    """Student's."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(degrees, share))


def tail(statistics: Floats, degrees: Floats) -> Floats:
    """The probability that Student's t is larger."""
    from scipy.special import stdtr

    return np.asarray(stdtr(degrees, -statistics))


def _safe(errors: Floats, distances: Floats) -> Floats:
    """Errors to divide by; where nothing varies a distance counts as certain, and none as nothing."""
    return np.where(errors > 0, errors, np.where(distances != 0, np.finfo(np.float64).tiny, 1.0))
