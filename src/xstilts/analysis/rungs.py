"""The rungs of a search by successive halving: what each gives an arm, and what all of it costs at most.

A level is a share of every training under some seeds: one seed until that is a whole training, then a seed more at a
time. What an arm gets doubles from rung to rung. Whole trainings are part of the experiment's own grid.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from xstilts.analysis.cells import BASELINE

SMALLEST = 1 / 64
"""The least share of an arm's training that a rung may give it."""


class Level(NamedTuple):
    """What a rung gives each arm: the first so many seeds, and a share of every training."""

    seeds: int
    share: float

    @property
    def trainings(self) -> float:
        """How many whole trainings it is worth."""
        return self.seeds * self.share


class Stage(NamedTuple):
    """A rung as it is planned: how many arms, at which level."""

    arms: int
    level: Level


class Trial(NamedTuple):
    """One arm, trained and fine-tuned on every target under one seed."""

    arm: str
    seed: int
    share: float


class Trials(Protocol):
    """The arms that are searched."""

    @property
    def arms(self) -> Sequence[str]:
        """To choose among."""
        ...

    @property
    def seeds(self) -> Sequence[int]:
        """Of the whole experiment."""
        ...

    def cost(self, trials: Iterable[Trial], final: str | None = None) -> float:
        """FLOPs of some trials and of the whole run of one arm; what they share counts once.

        What has been run in an earlier rung costs what it took, everything else what is expected.
        """
        ...

    def scores(self, trials: Sequence[Trial]) -> Mapping[Trial, float]:
        """Runs them: the mean dev score over the targets; without those that failed."""
        ...


class TooSmall(Exception):
    """No search fits into the budget."""

    def __init__(self, cheapest: float) -> None:
        super().__init__(cheapest)
        self.cheapest = cheapest
        """FLOPs of the cheapest search."""


def dearest(
    trials: Trials, arms: Sequence[str], done: Sequence[Trial], budget: float, *, above: Level | None = None
) -> Level:
    """What the next rung can give some arms so that all rungs after it fit, whichever arms go on from them.

    Args:
        arms: that are left.
        done: trials that have been run.
        budget: for all of it.
        above: what the rung before gave: less than that would tell nothing new.

    Raises:
        TooSmall: nothing fits.
    """
    cheapest = math.inf
    for stages in possible(len(arms), len(trials.seeds)):
        if above is not None and stages[0].level.trainings <= above.trainings:
            break
        cost = most(trials, stages, arms, done)
        if cost <= budget:
            return stages[0].level
        cheapest = min(cheapest, cost)
    raise TooSmall(cheapest)


def most(trials: Trials, stages: Sequence[Stage], arms: Sequence[str], done: Sequence[Trial] = ()) -> float:
    """FLOPs of a search from whose every rung the dearest arms go on, and in which the dearest of all is left."""
    every = list(done)
    for stage in stages:
        costs = {arm: trials.cost(of_arm(arm, trials.seeds, stage.level)) for arm in arms}
        every += at(sorted(arms, key=lambda arm: -costs[arm])[: stage.arms], trials.seeds, stage.level)
    return max(trials.cost(every, final=arm) for arm in arms)


def stages(arms: int, seeds: int, scale: float) -> tuple[Stage, ...]:
    """The rungs of a search: what an arm gets doubles, up to all of its training.

    Args:
        arms: at first.
        seeds: of the whole experiment.
        scale: of what an arm gets; at 1, every rung costs about as much as the whole training of the last arm.
    """
    halvings = math.ceil(math.log2(arms))
    found: list[Stage] = []
    for rung in range(halvings):
        level = _level(min(float(seeds), scale * seeds * 2.0 ** (rung - halvings)))
        found.append(Stage(math.ceil(arms / 2**rung), level))
        if level == (seeds, 1.0):
            break
    return tuple(found)


def possible(arms: int, seeds: int) -> Iterator[tuple[Stage, ...]]:
    """All searches, from all arms in full down to the smallest share; each gives an arm 0.7 of what the last one does.

    Most are cheaper than the one before; whole trainings, which are part of what is run in the end, may be cheaper than
    large shares of them.
    """
    half = 2 * math.ceil(math.log2(arms))
    while True:
        found = stages(arms, seeds, 2.0 ** (half / 2))
        if found[0].level.share < SMALLEST:
            return
        yield found
        half -= 1


def at(arms: Iterable[str], seeds: Sequence[int], level: Level) -> list[Trial]:
    """The trials of arms, and of direct fine-tuning, at a level."""
    return [trial for arm in (BASELINE, *arms) for trial in of_arm(arm, seeds, level)]


def of_arm(arm: str, seeds: Sequence[int], level: Level) -> list[Trial]:
    """The trials of one arm at a level."""
    return [Trial(arm, seed, level.share) for seed in seeds[: level.seeds]]


def _level(trainings: float) -> Level:
    """What so many whole trainings are spent on: the largest share of them under the fewest seeds."""
    seeds = max(1, math.ceil(trainings - 1e-9))
    return Level(seeds, min(1.0, trainings / seeds))
