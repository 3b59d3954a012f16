"""Which intermediate training to try for a target, from gains that were measured before.

Of every run an arm's gains are taken where they are nearest to what is asked: on the target itself before targets of
the same kind, and those before others; in the languages that are asked before languages of their families, and those
before others. Farther gains are not mixed with nearer ones, runs are not pooled, and models never are. Of several runs
the one with the nearest gains speaks for an arm, and of equally near ones the one with the narrowest interval.

An arm whose interval is above zero is to be tried, the largest gain first; then come those whose gain cannot be told
from zero, then those of which nothing but a predictor is known; one whose interval is below zero comes last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xstilts import languages
from xstilts.analysis.bootstrap import Sampled
from xstilts.analysis.cells import Interval
from xstilts.analysis.means import Mean
from xstilts.analysis.printed import printed
from xstilts.errors import UnknownName

HELPS, UNCLEAR, UNKNOWN, HURTS = "helps", "unclear", "unknown", "hurts"
VERDICTS = (HELPS, UNCLEAR, UNKNOWN, HURTS)
"""In the order in which arms are to be tried."""
GROUPS = ("the target itself", "targets of its kind", "other targets")
PLACES = ("in these languages", "in related languages", "in other languages")
Gains = Mapping[str, Mapping[str, Mapping[str, Sampled]]]
"""Arm → target → language → gain."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What one finished run measured.

    Attributes:
        scale: what else than the model says how large it was: training examples and seeds.
        tasks: target → its task.
        kinds: target → kind of its task.
        own: target → the arms that train on its own training set.
        predicted: (target, language) → predictor → arm → score.
    """

    run: str
    model: str
    scale: str
    gains: Gains
    tasks: Mapping[str, str]
    kinds: Mapping[str, str]
    own: Mapping[str, frozenset[str]] = field(default_factory=dict)
    predicted: Mapping[tuple[str, str], Mapping[str, Mapping[str, float]]] = field(default_factory=dict)

    def is_target(self, target: str, wanted: str) -> bool:
        """Whether a target of the run is what is asked, by its name or by its task."""
        return wanted in (target, self.tasks.get(target))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked.

    Attributes:
        hidden: whether gains on the target itself are left out: to see what advice is worth where there are none.
    """

    target: str
    kind: str
    languages: tuple[str, ...]
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The nearest gains of an arm in one run: the mean over the languages of each target, then over targets.

    Attributes:
        level: how near: a place in `GROUPS` times three, and a place in `PLACES`.
        gain: a fraction.
        seeds: that it pairs.
    """

    run: str
    scale: str
    level: int
    targets: tuple[str, ...]
    languages: tuple[str, ...]
    gain: float
    interval: Interval | None
    seeds: int

    @property
    def nearness(self) -> str:
        """In words."""
        return f"{GROUPS[self.level // 3]}, {PLACES[self.level % 3]}"

    @property
    def width(self) -> float:
        """Of the interval."""
        return math.inf if self.interval is None else self.interval[1] - self.interval[0]


@dataclass(frozen=True, kw_only=True)
class Rank:
    """What a predictor says of an arm, among the arms of a run: the mean place over the languages."""

    run: str
    predictor: str
    place: float
    arms: int


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One arm.

    Attributes:
        evidence: of each run, that which speaks for the arm first.
        ranks: of predictors, of each run that has them for the target.
        own: whether it trains on the target's own training set.
    """

    arm: str
    evidence: tuple[Evidence, ...] = ()
    ranks: tuple[Rank, ...] = ()
    own: bool = False

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        if not self.evidence:
            return UNKNOWN
        ends = self.evidence[0].interval
        if ends is None or ends[0] <= 0 <= ends[1]:
            return UNCLEAR
        return HELPS if ends[0] > 0 else HURTS


def advised(runs: Sequence[Known], wanted: Wanted, arms: Iterable[str] = ()) -> tuple[Advice, ...]:
    """The arms of some runs of one model, in the order in which they are to be tried.

    Args:
        runs: never of several models.
        wanted: what is asked.
        arms: further ones, of which nothing is known.
    """
    names = dict.fromkeys([arm for run in runs for arm in run.gains])
    found = [_advice(arm, runs, wanted) for arm in dict.fromkeys([*names, *arms])]
    return tuple(sorted(found, key=_order))


def scores(advice: Sequence[Advice]) -> dict[str, float]:
    """Arm → a number that is higher the sooner it is to be tried; arms of which nothing is known have the same."""
    known = [one for one in advice if one.evidence or one.ranks]
    found = {one.arm: -float(place) for place, one in enumerate(known)}
    after = sum(one.verdict != HURTS for one in known) - 0.5
    return {one.arm: found.get(one.arm, -after) for one in advice}


def mean_gain(of_targets: Iterable[Iterable[Sampled]]) -> Sampled | None:
    """Over the languages of each target, then over targets; None of nothing."""
    whole = Mean()
    for gains in of_targets:
        of_one = Mean()
        of_one.extend(list(gains))
        if (found := of_one.result()) is not None:
            whole.add(found)
    return whole.result()


def _advice(arm: str, runs: Sequence[Known], wanted: Wanted) -> Advice:
    found = [one for run in runs if (one := evidence(run, arm, wanted)) is not None]
    own = any(
        arm in run.own.get(target, ()) for run in runs for target in run.kinds if run.is_target(target, wanted.target)
    )
    return Advice(
        arm=arm,
        evidence=tuple(sorted(found, key=lambda one: (one.level, one.width))),
        ranks=tuple(rank for run in runs for rank in _ranks(run, arm, wanted)),
        own=own,
    )


def evidence(run: Known, arm: str, wanted: Wanted) -> Evidence | None:
    """The nearest gains of an arm in a run; those on targets whose own training set it trains on are left out."""
    levels: dict[int, dict[str, dict[str, Sampled]]] = {}
    for target, of_target in run.gains.get(arm, {}).items():
        asked = run.is_target(target, wanted.target)
        if arm in run.own.get(target, ()) or (asked and wanted.hidden):
            continue
        group = 0 if asked else 1 if run.kinds.get(target) == wanted.kind else 2
        for language, gain in of_target.items():
            levels.setdefault(3 * group + _place(language, wanted), {}).setdefault(target, {})[language] = gain
    if not levels:
        return None
    level = min(levels)
    mean = mean_gain(of_target.values() for of_target in levels[level].values())
    assert mean is not None
    return Evidence(
        run=run.run,
        scale=run.scale,
        level=level,
        targets=tuple(levels[level]),
        languages=tuple(dict.fromkeys(language for of_target in levels[level].values() for language in of_target)),
        gain=mean.mean,
        interval=printed(mean).ends,
        seeds=mean.fewest,
    )


def _place(language: str, wanted: Wanted) -> int:
    if language in wanted.languages:
        return 0
    family = _family(language)
    return 1 if family is not None and family in map(_family, wanted.languages) else 2


def _family(language: str) -> str | None:
    try:
        return languages.get(language).family
    except UnknownName:
        return None


def _ranks(run: Known, arm: str, wanted: Wanted) -> Iterator[Rank]:
    """What predictors say of an arm for the target in the languages that are asked."""
    places: dict[str, list[tuple[float, int]]] = {}
    for (target, language), of_place in run.predicted.items():
        if not run.is_target(target, wanted.target) or language not in wanted.languages:
            continue
        for predictor, of_arms in of_place.items():
            if arm in of_arms:
                above = sum(score > of_arms[arm] for score in of_arms.values())
                tied = sum(score == of_arms[arm] for score in of_arms.values())
                places.setdefault(predictor, []).append((above + (tied + 1) / 2, len(of_arms)))
    for predictor, found in places.items():
        mean = sum(place for place, _ in found) / len(found)
        yield Rank(run=run.run, predictor=predictor, place=mean, arms=max(count for _, count in found))


def _order(one: Advice) -> tuple[bool, int, float]:
    """Arms on the target's own training set come last: they are no intermediate training."""
    verdict = VERDICTS.index(one.verdict)
    if one.evidence:
        return one.own, verdict, -one.evidence[0].gain
    shares = [rank.place / rank.arms for rank in one.ranks]
    return one.own, verdict, sum(shares) / len(shares) if shares else math.inf
