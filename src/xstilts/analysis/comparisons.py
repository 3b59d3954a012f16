"""What a table says of many gains at once: the arms corrected for the choice among them, the languages by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xstilts.analysis.cells import Interval
from xstilts.analysis.power import Spread

ONE_SIDED = 0.025
"""The error of a one-sided test that goes with a 95 % interval: for all languages of a family together."""
FALSE_DISCOVERIES = 0.05
"""The share of false names that exploring a grid allows."""


@dataclass(frozen=True, kw_only=True)
class ArmGain:
    """The gain of one arm over all targets, with both kinds of interval.

    Attributes:
        few_shot: whether it is the average over few-shot targets.
        crossed: the 95 % interval of the crossed bootstrap; None where its replicates give none.
        components: the 95 % interval by variance components.
        freedom: its degrees of freedom.
        chosen: an interval that holds for all arms at once, also for the one that comes first; None of a single arm.
        smallest: the gain that would have been told from zero four times in five, by itself.
        seeds: that the gain pairs; with one, no interval covers differences between seeds.
        spread: of single observations, if all targets were one test set of so many clusters.
        clusters: of the target that has the fewest.
    """

    arm: str
    few_shot: bool
    gain: float
    crossed: Interval | None
    components: Interval
    freedom: float
    chosen: Interval | None
    smallest: float
    seeds: int
    spread: Spread
    clusters: int


@dataclass(frozen=True, kw_only=True)
class LanguageGains:
    """The gains of one arm on one target, in all its target languages.

    Attributes:
        gains: language → gain.
        bands: language → an interval that holds for all of these languages at once.
        helped: the languages in which the arm helps, corrected for their number (Holm).
        hurt: in which it hurts.
        seeds: the fewest that a gain pairs.
    """

    arm: str
    target: str
    gains: Mapping[str, float]
    bands: Mapping[str, Interval] = field(repr=False)
    helped: tuple[str, ...]
    hurt: tuple[str, ...]
    seeds: int


@dataclass(frozen=True, kw_only=True)
class Comparisons:
    """All of it.

    Attributes:
        arms: of several arms all.
        languages: by target, then arm, where a target has several target languages.
        tested: gains of single target languages, on all targets.
        worth_a_look: how many of them Benjamini and Hochberg's procedure lists; for exploring alone.
        spreads: target → how much single observations of a gain in one language vary, on average.
    """

    arms: tuple[ArmGain, ...] = ()
    languages: tuple[LanguageGains, ...] = ()
    tested: int = 0
    worth_a_look: int = 0
    spreads: Mapping[str, Spread] = field(default_factory=dict)

    def arm(self, name: str, *, few_shot: bool = False) -> ArmGain | None:
        """One arm over all targets."""
        return next((one for one in self.arms if (one.arm, one.few_shot) == (name, few_shot)), None)

    @property
    def chosen_from(self) -> int:
        """Arms among which the first was chosen."""
        return len({one.arm for one in self.arms})
