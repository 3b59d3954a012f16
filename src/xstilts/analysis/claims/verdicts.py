"""The verdict that replicates give on a claim: on one quantity, on a family of them, and on all that the claim says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.answers import CONTRADICTED, SUPPORTED, smallest_seen
from xstilts.analysis.bootstrap import Sampled
from xstilts.analysis.claims.measured import Quantity, RunCounts
from xstilts.analysis.equivalence import within
from xstilts.analysis.percentiles import LEVEL
from xstilts.analysis.printed import printed
from xstilts.analysis.simultaneous import critical_value, single_level

UNDERPOWERED, NOT_TESTED = "underpowered", "not tested"
"""The verdicts beside supported and contradicted."""

GAIN, LOSS, EQUAL, NO_GAIN = "gain", "loss", "equal", "no_gain"
"""What a claim expects of a quantity."""

CORRECTIONS: Mapping[str, Callable[[Sequence[NDArray[np.float64]]], float]] = {
    "none": lambda family: LEVEL,
    "bonferroni": lambda family: 1 - (1 - LEVEL) / max(len(family), 1),
    "max_t": lambda family: single_level(critical_value(family)) if family else LEVEL,
}
"""Name of a correction → the level of each interval in a family of tests with these replicates [B]."""

HOLDS: Mapping[str, Callable[[int], int]] = {
    "all": lambda tests: tests,
    "most": lambda tests: tests // 2 + 1,
    "any": lambda tests: 1,
}
"""How many of a family of tests have to hold."""

Sides = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What a statement says of each of its quantities.

    Attributes:
        expects: ``gain`` (above zero), ``loss`` (below), ``equal`` (within ± margin) or ``no_gain`` (below margin).
        margin: what is smaller does not matter, a fraction.
        size: the gain that was claimed, a fraction.
        holds: how many of a family have to hold: ``all``, ``most`` or ``any``.
        correction: of the intervals in a family.
    """

    expects: str = GAIN
    margin: float | None = None
    size: float | None = None
    holds: str = "all"
    correction: str = "none"

    def verdict(self, low: float, high: float) -> str:
        """What the interval of one quantity says."""
        margin = self.margin or 0.0
        holds, refuted = {
            GAIN: (low > 0, high < margin),
            LOSS: (high < 0, low > -margin),
            EQUAL: (within(low, high, margin), low > margin or high < -margin),
            NO_GAIN: (high < margin, low > margin),
        }[self.expects]
        return SUPPORTED if holds else CONTRADICTED if refuted else UNDERPOWERED

    def on_side(self, replicates: NDArray[np.float64]) -> Sides:
        """[B] which replicates are as the statement says."""
        margin = self.margin or 0.0
        sides: Mapping[str, Callable[[], Sides]] = {
            GAIN: lambda: replicates > 0,
            LOSS: lambda: replicates < 0,
            EQUAL: lambda: np.abs(replicates) < margin,
            NO_GAIN: lambda: replicates < margin,
        }
        return sides[self.expects]()


class Shares(NamedTuple):
    """Replicates of a statement or a claim: which are on its side, and which are defined at all. [B] both."""

    side: Sides
    defined: Sides

    @property
    def confidence(self) -> float | None:
        """The share of the defined replicates that are on the side of the claim."""
        number = int(self.defined.sum())
        return float((self.side & self.defined).sum()) / number if number else None


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One quantity with its verdict; all numbers are fractions.

    Attributes:
        level: of the interval.
        smallest: the difference that the run would have told from zero four times in five.
        holds_size: whether the interval contains the size that was claimed; None where none was.
        seeds: that the gain pairs.
        nodes: keys of the evaluations behind it.
        lacking: how many of its cells failed.
    """

    quantity: Quantity
    verdict: str
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = LEVEL
    confidence: float | None = None
    smallest: float | None = None
    holds_size: bool | None = None
    seeds: tuple[int, ...] = ()
    nodes: tuple[str, ...] = ()
    lacking: int = 0


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A statement of a claim with its verdict.

    Attributes:
        says: what it means, where the claim says so.
        why: it was not tested.
        stand_ins: what stands in for what the claim names.
    """

    expectation: Expectation
    verdict: str
    says: str = ""
    confidence: float | None = None
    tests: tuple[Tested, ...] = ()
    why: str = ""
    stand_ins: tuple[str, ...] = ()


def judged_family(
    quantities: Sequence[Quantity],
    expectation: Expectation,
    run: RunCounts,
    *,
    says: str = "",
    stand_ins: tuple[str, ...] = (),
) -> tuple[Stated, Shares | None]:
    """A family of quantities with their verdicts, and which replicates are on the side of the statement."""
    measured = [(wanted, run.measure(wanted)) for wanted in quantities]
    level = CORRECTIONS[expectation.correction]([found.crossed for _, found in measured if found is not None])
    tests, sides, defined = [], [], []
    for wanted, found in measured:
        one = replace(_tested(wanted, found, expectation, level), nodes=run.nodes(wanted), lacking=run.lacking(wanted))
        tests.append(one)
        if found is not None and one.verdict != NOT_TESTED:
            sides.append(expectation.on_side(found.crossed))
            defined.append(~np.isnan(found.crossed))
    verdict = of_family([one.verdict for one in tests], HOLDS[expectation.holds](len(tests)) if tests else 1)
    shares = None
    if verdict != NOT_TESTED:
        needed = HOLDS[expectation.holds](len(sides))
        shares = Shares(np.sum(sides, axis=0) >= needed, np.all(defined, axis=0))
    stated = Stated(
        expectation=expectation,
        verdict=verdict,
        says=says,
        confidence=shares.confidence if shares else None,
        tests=tuple(tests),
        why="" if shares else "the run has no number of a part of it",
        stand_ins=stand_ins,
    )
    return stated, shares


def of_family(verdicts: Sequence[str], needed: int) -> str:
    """The verdict on a family of tests of which so many have to hold."""
    if not verdicts or NOT_TESTED in verdicts:
        return NOT_TESTED
    if verdicts.count(SUPPORTED) >= needed:
        return SUPPORTED
    if verdicts.count(CONTRADICTED) > len(verdicts) - needed:
        return CONTRADICTED
    return UNDERPOWERED


def of_claim(verdicts: Sequence[str]) -> str:
    """The verdict on a claim that says several things: one that is contradicted contradicts, for support all count."""
    for decisive in (CONTRADICTED, NOT_TESTED, UNDERPOWERED):
        if decisive in verdicts:
            return decisive
    return SUPPORTED if verdicts else NOT_TESTED


def together(shares: Sequence[Shares]) -> float | None:
    """The share of replicates in which all that a claim says holds at once."""
    if not shares:
        return None
    side = np.all([one.side for one in shares], axis=0)
    return Shares(side, np.all([one.defined for one in shares], axis=0)).confidence


def _tested(wanted: Quantity, found: Sampled | None, expectation: Expectation, level: float) -> Tested:
    if found is None or math.isnan(found.mean):
        return Tested(quantity=wanted, verdict=NOT_TESTED)
    bounds = printed(found, level=level).ends
    if bounds is None:
        return Tested(quantity=wanted, verdict=NOT_TESTED, effect=found.mean)
    low, high = bounds
    size = expectation.size
    defined = ~np.isnan(found.crossed)
    return Tested(
        quantity=wanted,
        verdict=expectation.verdict(low, high),
        effect=found.mean,
        low=low,
        high=high,
        level=level,
        confidence=Shares(expectation.on_side(found.crossed), defined).confidence,
        smallest=smallest_seen(low, high, half=NormalDist().inv_cdf((1 + level) / 2)),
        holds_size=None if size is None else low <= size <= high,
        seeds=tuple(found.by_seed),
    )
