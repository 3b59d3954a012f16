"""The answer that a run gives to the question it was made for, from the contrasts between its arms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xstilts.analysis.cells import Average, LanguageAverage

SUPPORTED, CONTRADICTED, TOO_LITTLE_POWER, MISSING = "supported", "contradicted", "too little power", "no result"
"""The verdicts."""
NORMAL_975, NORMAL_80 = 1.959964, 0.841621
"""Quantiles of the normal distribution: half of a 95 % interval in standard errors, and 80 % power."""


def smallest_seen(low: float, high: float, *, half: float = NORMAL_975) -> float:
    """The difference that would have been told from zero four times in five, from the interval of the one found.

    A difference is seen where its interval excludes zero. Half of a 95 % interval is 1.96 standard errors, and a power
    of 80 % takes 0.84 more.

    Args:
        low: end of the interval.
        high: end of the interval.
        half: of the interval, in standard errors.
    """
    return (high - low) / 2 * (half + NORMAL_80) / half


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """The paired difference between two arms; gains are the arm's score minus that of the other.

    Attributes:
        arm: what is compared.
        against: with what; ``none`` is direct fine-tuning.
        targets: that it is asked of; empty: all.
        claim: what a difference above zero means.
        languages: the target languages that count; empty: all.
        less: a second difference, which is taken off the first.
        under: the form of the test rows; "": as they are.
        overall: over all targets; None where the run has no result of it.
        by_target: over the target languages of each target.
        by_morphology: over the languages of a type, then each language.
        by_family: over the languages of a family, then each language.
    """

    arm: str
    against: str
    targets: tuple[str, ...] = ()
    claim: str = ""
    under: str = ""
    languages: tuple[str, ...] = ()
    less: Contrast | None = None
    overall: Average | None = None
    by_target: tuple[Average, ...] = ()
    by_morphology: tuple[LanguageAverage, ...] = ()
    by_family: tuple[LanguageAverage, ...] = ()

    @property
    def smallest(self) -> float | None:
        """The difference that such a run would have told from zero four times in five, a fraction."""
        one = self.overall
        if one is None or one.gain_low is None or one.gain_high is None:
            return None
        return smallest_seen(one.gain_low, one.gain_high)

    def verdict(self, matters: float | None = None) -> str:
        """Whether the difference is above zero.

        Args:
            matters: the smallest difference that would matter, a fraction: an interval below it contradicts, too.
        """
        one = self.overall
        if one is None or one.gain is None or one.gain_low is None or one.gain_high is None:
            return MISSING
        if one.gain_low > 0:
            return SUPPORTED
        if one.gain_high < (matters or 0.0):
            return CONTRADICTED
        return TOO_LITTLE_POWER


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A question with the contrasts that answer it.

    Attributes:
        text: the question.
        contrasts: all have to hold.
        about: titles of the model families that it is about.
        settles: whether the run's model is of such a family, or the question is about no family in particular.
        matters: the smallest difference that would matter, a fraction.
    """

    text: str
    contrasts: tuple[Contrast, ...]
    about: tuple[str, ...] = ()
    settles: bool = True
    matters: float | None = None

    @property
    def verdict(self) -> str:
        """One contrast contradicts; for support all are needed."""
        found = [one.verdict(self.matters) for one in self.contrasts]
        for decisive in (CONTRADICTED, MISSING, TOO_LITTLE_POWER):
            if decisive in found:
                return decisive
        return SUPPORTED

    def as_object(self) -> dict[str, Any]:
        """For a run's record: fractions, null where there is no number."""
        return {
            "question": self.text,
            "verdict": self.verdict,
            "settles": self.settles,
            "contrasts": [_said(one, self.matters) for one in self.contrasts],
        }


def _said(contrast: Contrast, matters: float | None) -> Mapping[str, Any]:
    one = contrast.overall
    numbers = {name: getattr(one, name, None) for name in ("gain", "gain_low", "gain_high")}
    return {
        "arm": contrast.arm,
        "against": contrast.against,
        **({"under": contrast.under} if contrast.under else {}),
        **({"languages": list(contrast.languages)} if contrast.languages else {}),
        **({"less": _compared(contrast.less)} if contrast.less else {}),
        "verdict": contrast.verdict(matters),
        **numbers,
        "smallest": contrast.smallest,
    }


def _compared(contrast: Contrast) -> Mapping[str, Any]:
    languages = {"languages": list(contrast.languages)} if contrast.languages else {}
    return {"arm": contrast.arm, "against": contrast.against, **languages}
