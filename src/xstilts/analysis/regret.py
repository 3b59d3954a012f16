"""What a choice among arms cost: the gain of the best arm less that of the best arm among the k that were chosen.

The gains are measured, so the arm that looks best may do so by luck. The interval is for "by how much the truly best
arm is better than the truly best of the chosen ones": all pairs of arms are compared at once with the draws of the gain
matrix (max-T), so neither the best nor the best of the chosen is taken at its word. It begins at 0 where the choice
cannot be distinguished from the best. Arms that a ranking does not tell apart are chosen by lot: then the mean over all
ways of choosing is given.

Source: Hsu (1984), Constrained simultaneous confidence intervals for multiple comparisons with the best, Annals of
Statistics 12(3), doi:10.1214/aos/1176346732.

Shapes: A arms, B replicates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.bootstrap import Sampled, difference, generator
from xstilts.analysis.cells import Floats, Interval
from xstilts.analysis.comparing import defined
from xstilts.analysis.simultaneous import bands, critical_value
from xstilts.analysis.two_way import pooled

WAYS = 2_000
"""Ways of choosing that are all counted; of more, as many are drawn."""


@dataclass(frozen=True, kw_only=True)
class Regret:
    """What a choice of k arms cost, a fraction: at least 0.

    Attributes:
        interval: of the difference between the truly best arm and the truly best of the chosen; None without errors.
        picks: the mean gain of the arm that is chosen first.
    """

    value: float
    interval: Interval | None
    picks: float

    @property
    def told(self) -> bool:
        """Whether the choice can be distinguished from the best one."""
        return self.interval is not None and self.interval[0] > 0


class Differences:
    """Every arm's gain less every other's in one place, with bands that hold for all of them at once.

    Args:
        gains: arm → its gain; two of them at least.

    Attributes:
        arms: A of them.
        means: [A].
        low: [A, A], of the first arm less the second; NaN where there is no error.
        high: [A, A].
    """

    def __init__(self, gains: Mapping[str, Sampled]) -> None:
        self.arms = tuple(gains)
        self.means = np.array([gain.mean for gain in gains.values()], dtype=np.float64)
        self.low = np.full((len(gains), len(gains)), np.nan)
        np.fill_diagonal(self.low, 0.0)
        self.high = self.low.copy()
        pairs = list(combinations(range(len(gains)), 2))
        all_gains = list(gains.values())
        found = [difference(all_gains[one], all_gains[other]) for one, other in pairs]
        members, kept = defined(found)
        if not len(kept) or not kept.any():
            return
        crossed = [one.crossed for one, is_kept in zip(found, kept, strict=True) if is_kept]
        low, high = bands(pooled(members), critical_value(crossed))
        at = np.array([pair for pair, is_kept in zip(pairs, kept, strict=True) if is_kept])
        self.low[at[:, 0], at[:, 1]], self.high[at[:, 0], at[:, 1]] = low, high
        self.low[at[:, 1], at[:, 0]], self.high[at[:, 1], at[:, 0]] = -high, -low

    def regret(self, scores: Mapping[str, float], k: int) -> Regret | None:
        """Of the k arms with the highest scores; an arm without a score is behind all others.

        None where there are no more arms than k, or none of them has a score.
        """
        found = [scores.get(arm, math.nan) for arm in self.arms]
        if k >= len(self.arms) or not any(map(math.isfinite, found)):
            return None
        return self._mean(list(chosen_sets([one if math.isfinite(one) else -math.inf for one in found], k)))

    def of_set(self, arms: Sequence[str]) -> Regret:
        """Of some arms."""
        return self._mean([tuple(self.arms.index(arm) for arm in arms)])

    def _mean(self, ways: Sequence[tuple[int, ...]]) -> Regret:
        found = np.array([self._of_way(way) for way in ways], dtype=np.float64)
        value, low, high, picks = found.mean(axis=0).tolist()
        return Regret(value=value, interval=None if math.isnan(low) else (low, high), picks=picks)

    def _of_way(self, way: tuple[int, ...]) -> tuple[float, float, float, float]:
        places = list(way)
        value = float(self.means.max() - self.means[places].max())
        # The truly best arm is better than every chosen one by at least, and than the best of them by at most.
        ends = [float(part[:, places].min(axis=1).max()) for part in (self.low, self.high)]
        # NaN anywhere makes both ends NaN: then there is no interval.
        return value, max(ends[0], 0.0) if ends[0] == ends[0] else math.nan, ends[1], float(self.means[places].mean())


def chosen_sets(scores: Sequence[float], k: int) -> Iterator[tuple[int, ...]]:
    """All ways to choose the k arms with the highest scores, as places; one way unless scores tie at the border.

    Where there are more than `WAYS`, as many are drawn, the same ones every time.
    """
    values = np.asarray(scores, dtype=np.float64)
    border = np.sort(values)[::-1][k - 1]
    certain, tied = np.flatnonzero(values > border).tolist(), np.flatnonzero(values == border).tolist()
    left = k - len(certain)
    if math.comb(len(tied), left) <= WAYS:
        for some in combinations(tied, left):
            yield (*certain, *some)
        return
    rng = generator("ties", str(k), str(len(tied)))
    for _ in range(WAYS):
        yield (*certain, *rng.choice(tied, size=left, replace=False).tolist())


def rank_correlation(scores: Mapping[str, float], gains: Mapping[str, Sampled]) -> tuple[float, Floats] | None:
    """Spearman's, over arms, of a predictor with the gains; and its replicates [B], of the gains' draws.

    Arms without a score are left out. None with fewer than three arms, or scores or gains that are all alike.
    """
    arms = [arm for arm in gains if math.isfinite(scores.get(arm, math.nan))]
    given = np.array([scores[arm] for arm in arms], dtype=np.float64)
    if len(arms) < 3 or np.ptp(given) == 0:
        return None
    means = np.array([gains[arm].mean for arm in arms])
    if np.ptp(means) == 0:
        return None
    drawn_BA = np.stack([gains[arm].crossed for arm in arms], axis=1)
    return float(_spearman(given, means[None])[0]), _spearman(given, drawn_BA)


def _spearman(given_A: NDArray[np.float64], gains_BA: Floats) -> Floats:
    """With each row; NaN where a row is all alike or not defined."""
    from scipy.stats import rankdata

    one_A, others_BA = rankdata(given_A), rankdata(gains_BA, axis=1)
    one_A = one_A - one_A.mean()
    others_BA = others_BA - others_BA.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (others_BA @ one_A) / np.sqrt((one_A**2).sum() * (others_BA**2).sum(axis=1))
    return np.asarray(np.where(np.isnan(gains_BA).any(axis=1), np.nan, found))
