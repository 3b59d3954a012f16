"""What each predictor of the best intermediate task was worth in a run: numbers for reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from xstilts.analysis.cells import Interval

CHOSEN = (1, 2, 3)
"""Arms that are chosen: regret@1, @2 and @3."""
RANDOM, ALWAYS = "random", "always"
"""The rivals that look at nothing: an arm by lot, and one arm whatever the target (``always mnli``)."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A number with its 95 % interval, which carries the gains' own noise; fractions."""

    value: float
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class JudgedPredictor:
    """One predictor in one target language, over those of a target, or over all of a run.

    Attributes:
        predictor: its name; `RANDOM`, or `ALWAYS` and an arm.
        target: None: all targets.
        language: None: all target languages.
        regrets: k → by how much the best arm is better than the best of the k that it ranks first.
        over_random: the gain of the arm that it ranks first, less the mean gain of all arms.
        correlation: of its scores with the gains over arms, by ranks; None where it is not defined anywhere.
        places: target languages in which it has chosen.
        told: how many of them its first choice can be distinguished from the best arm in.
        silent: target languages in which it has no score for any arm.
        unscored: share of the arms for which it has no score, where it has chosen.
        flops: of its own passes over all arms, for one target (mean over those where it has chosen); None: not
            known.
        training_flops: of the trainings whose checkpoints it needs.
    """

    predictor: str
    target: str | None = None
    language: str | None = None
    regrets: Mapping[int, Measured] = field(default_factory=dict)
    over_random: Measured | None = None
    correlation: Measured | None = None
    places: int = 0
    told: int = 0
    silent: int = 0
    unscored: float = 0.0
    flops: float | None = None
    training_flops: float | None = None

    def as_object(self) -> dict[str, Any]:
        """With one column a number: ``regret_1``, ``regret_1_low`` and so on."""
        numbers = {f"regret_{k}": self.regrets.get(k) for k in CHOSEN}
        numbers |= {"over_random": self.over_random, "correlation": self.correlation}
        said = {name: value for name, value in asdict(self).items() if name not in ("regrets", *numbers)}
        for name, one in numbers.items():
            low, high = one.interval if one and one.interval else (None, None)
            said |= {name: one.value if one else None, f"{name}_low": low, f"{name}_high": high}
        return said


@dataclass(frozen=True, kw_only=True)
class JudgedPredictors:
    """Those of a run, which is of one model: never pooled over models.

    Attributes:
        overall: over all targets.
        by_target: of each target.
        by_language: of each target language.
        arms: target → the arms that are chosen among: those that do not train on its own training set.
        left_out: target → the arms that do.
        told: what could not be computed.
    """

    overall: Sequence[JudgedPredictor]
    by_target: Sequence[JudgedPredictor]
    by_language: Sequence[JudgedPredictor]
    arms: Mapping[str, Sequence[str]]
    left_out: Mapping[str, Sequence[str]] = field(default_factory=dict)
    told: Sequence[str] = ()

    @property
    def rows(self) -> list[JudgedPredictor]:
        """All of them, the widest first."""
        return [*self.overall, *self.by_target, *self.by_language]
