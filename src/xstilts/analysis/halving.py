"""Successive halving over the arms of an experiment: cheap trials of all of them, dearer ones of the better half.

In every rung each arm that is left is trained as far as the rung allows, the arms are ranked by their dev scores in the
source language, and the worse half is dropped. What an arm gets doubles from rung to rung, or grows by more where the
budget allows it: more examples, then more seeds. The last arm is trained and evaluated in full beside direct
fine-tuning. No test row has a part in any choice.

Nothing is trained here: `Trials` says what trials cost and how they came out.

Source: Karnin et al. (2013), Almost optimal exploration in multi-armed bandits, ICML; Jamieson and Talwalkar (2016),
Non-stochastic best arm identification and hyperparameter optimization, arXiv 1502.07943.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from xstilts.analysis.cells import BASELINE, Interval
from xstilts.analysis.percentiles import LEVEL
from xstilts.analysis.rungs import Level, TooSmall, Trial, Trials, at, dearest
from xstilts.analysis.two_way import quantile


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one arm came out of a rung.

    Attributes:
        score: mean dev score over seeds and targets; None: its training failed.
        kept: whether it goes on.
        behind: its score less that of the last arm that goes on; None of those that go on.
        interval: of ``behind``, from its differences by seed; None with one seed.
    """

    arm: str
    score: float | None
    kept: bool
    behind: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One rung.

    Attributes:
        standings: the best arm first.
        baseline: the dev score of direct fine-tuning at this level.
        unaffordable: arms that were to be in this rung, and for which what was left of the budget did not suffice.
        spent: FLOPs up to and with this rung.
    """

    level: Level
    standings: tuple[Standing, ...]
    baseline: float | None
    unaffordable: tuple[str, ...] = ()
    spent: float

    @property
    def kept(self) -> tuple[str, ...]:
        """The arms that go on, the best first."""
        return tuple(one.arm for one in self.standings if one.kept)


@dataclass(frozen=True, kw_only=True)
class Halving:
    """A whole search.

    Attributes:
        chosen: the arm that is left; None: every training failed.
        unaffordable: arms that were to be in a last rung that none could pay for.
        affordable: whether what was left of the budget suffices for its whole run.
    """

    rungs: tuple[Rung, ...]
    chosen: str | None
    unaffordable: tuple[str, ...] = ()
    affordable: bool = True
    trials: tuple[Trial, ...] = field(default=(), repr=False)


def halve(trials: Trials, *, budget: float) -> Halving:
    """Searches for the arm with the best dev score.

    Args:
        trials: of at least two arms.
        budget: FLOPs that are never exceeded, the whole run of the last arm included.

    Raises:
        TooSmall: nothing fits.
    """
    kept, done, rungs = list(trials.arms), list[Trial](), list[Rung]()
    left_out: list[str] = []
    while len(kept) > 1:
        try:
            level = dearest(trials, kept, done, budget, above=rungs[-1].level if rungs else None)
        except TooSmall:
            if not rungs:
                raise
            left_out.insert(0, kept.pop())
            continue
        wanted = at(kept, trials.seeds, level)
        found = trials.scores(wanted)
        done += wanted
        in_full = level == (len(trials.seeds), 1.0)
        standings = tuple(_standings(kept, found, 1 if in_full else math.ceil(len(kept) / 2)))
        rungs.append(
            Rung(
                level=level,
                standings=standings,
                baseline=_mean(BASELINE, found),
                unaffordable=tuple(left_out),
                spent=trials.cost(done),
            )
        )
        kept, left_out = list(rungs[-1].kept), []
    chosen = kept[0] if kept else None
    return Halving(
        rungs=tuple(rungs),
        chosen=chosen,
        unaffordable=tuple(left_out),
        affordable=chosen is not None and trials.cost(done, final=chosen) <= budget,
        trials=tuple(done),
    )


def _standings(arms: Sequence[str], found: Mapping[Trial, float], going_on: int) -> Iterator[Standing]:
    """The arms, best first; of equal ones that which came first."""
    scored = {arm: score for arm in arms if (score := _mean(arm, found)) is not None}
    ranked = sorted(scored, key=lambda arm: -scored[arm])
    last = ranked[min(going_on, len(ranked)) - 1] if ranked else ""
    for place, arm in enumerate(ranked):
        if place < going_on:
            yield Standing(arm=arm, score=scored[arm], kept=True)
            continue
        differences = _by_seed(arm, found), _by_seed(last, found)
        yield Standing(
            arm=arm,
            score=scored[arm],
            kept=False,
            behind=scored[arm] - scored[last],
            interval=_interval([value - differences[1][seed] for seed, value in differences[0].items()]),
        )
    for arm in arms:
        if arm not in scored:
            yield Standing(arm=arm, score=None, kept=False)


def _mean(arm: str, found: Mapping[Trial, float]) -> float | None:
    """Over seeds; None where one is missing or not a number."""
    wanted = {trial.seed for trial in found}
    values = _by_seed(arm, found)
    return float(np.mean(list(values.values()))) if values and set(values) == wanted else None


def _by_seed(arm: str, found: Mapping[Trial, float]) -> dict[int, float]:
    return {trial.seed: score for trial, score in found.items() if trial.arm == arm and not math.isnan(score)}


def _interval(values: Sequence[float]) -> Interval | None:
    """By Student's t."""
    if len(values) < 2:
        return None
    half = float(quantile(1 - (1 - LEVEL) / 2, len(values) - 1.0)) * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return float(np.mean(values)) - half, float(np.mean(values)) + half
