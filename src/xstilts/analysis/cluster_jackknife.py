"""Least squares with intervals over few, unequal clusters: the cluster jackknife.

Languages of one family are not independent, and families are few and of very different size. Each family is left out
once; from how far the coefficients move follows the variance (CV3), and the interval takes Student's quantile with one
degree of freedom less than there are families. It needs no draws, it is wider than the usual cluster-robust variance
where one family holds most languages, and its replicates are what leaving out one family shows anyway. The wild cluster
bootstrap is the usual alternative: with few clusters it has few distinct draws, and it gives no estimate without one
family.

Source: MacKinnon, Nielsen and Webb (2023), Fast and reliable jackknife and bootstrap methods for cluster-robust
inference, Journal of Applied Econometrics, arXiv 2301.04527. docs/morphology.md has the coverage that was simulated.

Shapes: N observations, K predictors, F intercepts, G clusters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from xstilts.analysis.cells import Floats, Interval

COVERED = 0.95
POWER = 0.8
_TOLERANCE = 1e-8


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Coefficients of K predictors.

    Attributes:
        coefficients: [K].
        without: cluster → [K], of all other clusters.
    """

    coefficients: Floats
    without: Mapping[str, Floats] = field(repr=False)

    @cached_property
    def error(self) -> Floats:
        """[K], standard errors (CV3)."""
        moved = np.stack(list(self.without.values())) - self.coefficients
        count = len(self.without)
        return np.asarray(np.sqrt((count - 1) / count * (moved**2).sum(axis=0)))

    def interval(self, predictor: int) -> Interval:
        """Of 95 %."""
        half = self.quantile((1 + COVERED) / 2) * float(self.error[predictor])
        return float(self.coefficients[predictor]) - half, float(self.coefficients[predictor]) + half

    def smallest(self, predictor: int) -> float:
        """The effect that would have been told from zero four times in five."""
        return (self.quantile((1 + COVERED) / 2) + self.quantile(POWER)) * float(self.error[predictor])

    def quantile(self, share: float) -> float:
        """Student's, with one degree of freedom less than there are clusters."""
        from scipy.special import stdtrit

        return float(stdtrit(len(self.without) - 1, share))


def fitted(
    outcomes: Floats, predictors: Floats, *, groups: Sequence[str], clusters: Sequence[str], weights: Floats
) -> Fit | None:
    """Weighted least squares with an intercept for every group.

    Args:
        outcomes: [N].
        predictors: [N, K].
        groups: N names.
        clusters: N names.
        weights: [N].

    Returns:
        None where the predictors cannot be told apart, in all observations or without one cluster.
    """
    names = sorted(set(groups))
    intercepts = np.array([[group == name for name in names] for group in groups], dtype=np.float64)
    whole = _solved(outcomes, predictors, intercepts, weights)
    of_cluster = np.array(clusters)
    without = {}
    for cluster in sorted(set(clusters)):
        kept = of_cluster != cluster
        found = _solved(outcomes[kept], predictors[kept], intercepts[kept], weights[kept])
        if found is None:
            return None
        without[cluster] = found
    return None if whole is None else Fit(coefficients=whole, without=without)


def _solved(outcomes: Floats, predictors: Floats, intercepts: Floats, weights: Floats) -> Floats | None:
    """[K]: both sides less their means within groups, then least squares; None where that has many solutions."""
    inside = intercepts[:, intercepts.any(axis=0)]
    shares = (inside * weights[:, None]) / (weights @ inside)
    both = np.column_stack([outcomes, predictors])
    both = (both - inside @ (shares.T @ both)) * np.sqrt(weights)[:, None]
    sizes = np.linalg.norm(both[:, 1:], axis=0)
    if (sizes < _TOLERANCE).any():
        return None
    found, _, rank, _ = np.linalg.lstsq(both[:, 1:] / sizes, both[:, 0], rcond=_TOLERANCE)
    return np.asarray(found / sizes) if rank == predictors.shape[1] else None
