"""Intervals that hold for a whole family of gains at once: max-T over the crossed draws.

Every replicate draws seeds and clusters alike for all members of a family, so the largest deviation over the members,
in standard deviations, is a draw of how far off the worst of them is: what members have in common is taken into
account, and ten languages that rise and fall together count as one. The 95th percentile of that is the critical value
for all of them. Each interval then takes the quantile of Student's t at the level of a single test that this value
stands for, with the member's own standard error and degrees of freedom (`two_way`).

A family has to be declared before the results are looked at: the arms of a study, or the target languages of a target.

Source: Westfall and Young (1993), Resampling-based multiple testing, section 2.5; Romano and Wolf (2005), Exact and
approximate stepdown methods for multiple hypothesis testing, JASA 100(469), doi:10.1198/016214504000000539.

Shapes: M members, B replicates.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from xstilts.analysis.cells import Floats
from xstilts.analysis.percentiles import LEVEL
from xstilts.analysis.two_way import TwoWay, quantile


class Maxima:
    """The largest deviation of any member, replicate by replicate; members are given one after the other."""

    def __init__(self) -> None:
        self._largest: Floats | None = None
        self.members = 0

    def add(self, crossed: Floats) -> None:
        """Take a member's replicates [B] in; one that does not vary deviates by nothing."""
        self.members += 1
        spread = float(np.nanstd(crossed))
        away = np.nan_to_num(np.abs(crossed - np.nanmean(crossed)) / spread) if spread > 0 else np.zeros(len(crossed))
        self._largest = away if self._largest is None else np.maximum(self._largest, away)

    def critical(self, *, level: float = LEVEL) -> float:
        """The deviation, in standard deviations, that no member exceeds in 95 % of the replicates."""
        return float("nan") if self._largest is None else float(np.quantile(self._largest, level))


def critical_value(crossed: Iterable[Floats], *, level: float = LEVEL) -> float:
    """The same of a family whose replicates [B] are all at hand."""
    maxima = Maxima()
    for one in crossed:
        maxima.add(one)
    return maxima.critical(level=level)


def single_level(critical: float) -> float:
    """The confidence of one interval that reaches so many standard deviations to both sides of a normal variable."""
    return math.erf(critical / math.sqrt(2))


def bands(members: TwoWay, critical: float) -> tuple[Floats, Floats]:
    """[M] and [M], the ends of intervals that hold for all members at once.

    Args:
        members: the family.
        critical: of its replicates.
    """
    half = quantile((1 + single_level(critical)) / 2, members.freedom) * members.errors
    return members.means - half, members.means + half
