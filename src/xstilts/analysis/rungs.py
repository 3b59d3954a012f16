"""The rungs of a search by successive halving: what each gives an arm, and what all of it costs at most.

A level is a share of every training under the first seed, or whole trainings under several: what an arm gets doubles
from rung to rung. Small shares are of use only to choose by; whole trainings are part of the experiment's own grid.
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

    arms: Sequence[str]
    seeds: Sequence[int]

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


def planned(trials: Trials, budget: float) -> tuple[Stage, ...]:
    """The rungs of the dearest search that fits, whichever arms go on.

    Raises:
        TooSmall: not even the cheapest does.
    """
    cheapest = math.inf
    for stages in possible(len(trials.arms), len(trials.seeds)):
        cheapest = most(trials, stages)
        if cheapest <= budget:
            return stages
    raise TooSmall(cheapest)


def most(trials: Trials, stages: Sequence[Stage]) -> float:
    """FLOPs of a search in which the dearest arms go on from every rung, and the dearest of all is left."""
    every: list[Trial] = []
    for stage in stages:
        dearest = sorted(trials.arms, key=lambda arm: -trials.cost(of_arm(arm, trials.seeds, stage.level)))
        every += at(dearest[: stage.arms], trials.seeds, stage.level)
    return max(trials.cost(every, final=arm) for arm in trials.arms)


def stages(arms: int, seeds: int, scale: float) -> tuple[Stage, ...]:
    """The rungs of a search; two that would give the same are one.

    Args:
        arms: at first.
        seeds: of the whole experiment.
        scale: of what an arm gets; at 1, every rung costs about as much as the whole training of the last arm.
    """
    halvings = math.ceil(math.log2(arms))
    found: list[Stage] = []
    for rung in range(halvings):
        level = _level(min(float(seeds), scale * seeds * 2.0 ** (rung - halvings)))
        if not found or found[-1].level != level:
            found.append(Stage(math.ceil(arms / 2**rung), level))
    return tuple(found)


def at(arms: Iterable[str], seeds: Sequence[int], level: Level) -> list[Trial]:
    """The trials of arms, and of direct fine-tuning, at a level."""
    return [trial for arm in (BASELINE, *arms) for trial in of_arm(arm, seeds, level)]


def of_arm(arm: str, seeds: Sequence[int], level: Level) -> list[Trial]:
    """The trials of one arm at a level."""
    return [Trial(arm, seed, level.share) for seed in seeds[: level.seeds]]


def possible(arms: int, seeds: int) -> Iterator[tuple[Stage, ...]]:
    """From all arms in full down to the smallest share."""
    power = math.ceil(math.log2(arms))
    while True:
        found = stages(arms, seeds, 2.0**power)
        if found[0].level.share < SMALLEST:
            return
        yield found
        power -= 1


def _level(trainings: float) -> Level:
    """What so many whole trainings are spent on: a share of one, or whole ones under several seeds."""
    return Level(math.floor(trainings), 1.0) if trainings >= 1 else Level(1, trainings)


def affordable(
    trials: Trials, arms: Sequence[str], done: Sequence[Trial], level: Level, budget: float
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The best of some arms that can be tried so that each of them could still be run in full; and the others."""
    kept = list(arms)
    while len(kept) > 1:
        wanted = [*done, *at(kept, trials.seeds, level)]
        if all(trials.cost(wanted, final=arm) <= budget for arm in kept):
            break
        kept.pop()
    return tuple(kept), tuple(arms[len(kept) :])
