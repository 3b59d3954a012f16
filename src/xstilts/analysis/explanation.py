"""What a regression of an arm's gain on properties of languages says: coefficients, and a verdict on each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SIZE = "pretraining_size"
PREDICTORS: Mapping[str, str] = {
    "fusion": "fusion",
    "premium": "parity premium",
    "fertility": "fertility",
    "continued": "share of continued words",
    SIZE: "log of the pretraining text",
}
"""Name in an experiment → what it is called in a report."""
ASSOCIATED = "associated with the gain"
LIKE_SIZE = "not distinguishable from data size"
LIKE_OTHERS = "not distinguishable from the other predictors"
NOTHING = "not distinguishable from zero"


@dataclass(frozen=True, kw_only=True)
class Slope:
    """A coefficient; fractions of gain a standard deviation of the predictor.

    Attributes:
        smallest: the effect that would have been told from zero four times in five.
        without: family → the coefficient of all other languages.
    """

    value: float
    low: float
    high: float
    smallest: float
    without: Mapping[str, float] = field(repr=False)

    @property
    def sign(self) -> int:
        """1 or -1 where the interval excludes zero, else 0."""
        return (self.low > 0) - (self.high < 0)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One predictor.

    Attributes:
        spread: its standard deviation over the languages, in its own unit.
        alone: without any other predictor.
        without_size: with all others but the pretraining size.
        jointly: with all others.
    """

    predictor: str
    spread: float
    alone: Slope
    without_size: Slope
    jointly: Slope

    @property
    def verdict(self) -> str:
        """What the three coefficients say together."""
        if self.jointly.sign:
            return ASSOCIATED
        if self.predictor != SIZE and self.without_size.sign:
            return LIKE_SIZE
        return LIKE_OTHERS if self.alone.sign else NOTHING


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One arm.

    Attributes:
        effects: by predictor; empty where there is a problem.
        families: family → how many languages of it.
        observations: pairs of a target and a language.
        left_out: language → what is not known of it.
        problem: why there is no regression.
        closest: the two predictors that are most alike, and their correlation over the languages.
    """

    arm: str
    effects: tuple[Effect, ...] = ()
    families: Mapping[str, int] = field(default_factory=dict)
    observations: int = 0
    left_out: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    closest: tuple[str, str, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Explanations:
    """The regressions of a run.

    Attributes:
        properties: language → property → value; what is not known is None.
        told: where the properties come from, one sentence each.
    """

    arms: tuple[Explanation, ...]
    properties: Mapping[str, Mapping[str, float | None]]
    told: tuple[str, ...] = ()

    def as_object(self) -> dict[str, Any]:
        """For a run's record: fractions of gain a standard deviation."""
        return {
            one.arm: {
                "problem": one.problem,
                "families": dict(one.families),
                "observations": one.observations,
                "left_out": dict(one.left_out),
                "predictors": {
                    effect.predictor: {
                        "verdict": effect.verdict,
                        "spread": effect.spread,
                        **{name: _said(getattr(effect, name)) for name in ("alone", "without_size", "jointly")},
                    }
                    for effect in one.effects
                },
            }
            for one in self.arms
        }


def _said(slope: Slope) -> dict[str, Any]:
    numbers = {name: getattr(slope, name) for name in ("value", "low", "high", "smallest")}
    return {**numbers, "without": dict(slope.without)}
