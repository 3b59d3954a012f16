"""Averages of the gain matrix: over the target languages of a target, and over targets."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from xstilts.analysis.cells import BASELINE, Average
from xstilts.analysis.estimates import numbers
from xstilts.analysis.grid import Grid
from xstilts.analysis.means import Mean, Means
from xstilts.analysis.paired import Key, Pair

Parts = Mapping[tuple[str, str], Mapping[str, Pair]]
"""(Arm, score) of one target → language → pair, of the target languages that have a number."""


class PairMean:
    """Mean of scores and mean of the gains that exist."""

    def __init__(self) -> None:
        self._value, self._gain = Mean(), Mean()

    def add(self, pair: Pair) -> None:
        """Take one more in."""
        self.extend((pair,))

    def extend(self, pairs: Sequence[Pair]) -> None:
        """Take several more in."""
        self._value.extend([value for value, _ in pairs])
        self._gain.extend([gain for _, gain in pairs if gain is not None])

    def result(self) -> Pair | None:
        """The mean; None of nothing."""
        value = self._value.result()
        return None if value is None else (value, self._gain.result())


class PairMeans:
    """The same for every arm, of pairs that come for many arms at once."""

    def __init__(self) -> None:
        self._values, self._gains = Means(), Means()

    def add(self, pairs: Mapping[str, Pair]) -> None:
        """Take in one more for each of these arms."""
        self._values.add({arm: value for arm, (value, _) in pairs.items()})
        self._gains.add({arm: gain for arm, (_, gain) in pairs.items() if gain is not None})

    def result(self, arm: str) -> Pair | None:
        """The mean of one; None of nothing."""
        value = self._values.result(arm)
        return None if value is None else (value, self._gains.result(arm))


class Averages:
    """Averages that are taken of one target after the other.

    Attributes:
        over_languages: one per arm, target and score.
        overall: (arm, whether over few-shot targets) → the mean over targets with its replicates, once it was taken.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self.over_languages: list[Average] = []
        self._means: dict[tuple[str, bool], PairMean] = defaultdict(PairMean)
        self._targets: dict[tuple[str, bool], list[str]] = defaultdict(list)
        self._absent: dict[tuple[str, bool], list[str]] = defaultdict(list)
        self._groups: dict[bool, None] = {}
        self.overall: dict[tuple[str, bool], Pair] = {}

    def add(self, target: str, parts: Parts) -> None:
        """Take a target in."""
        wanted = self._grid.target_languages(target)
        official, shots = self._grid.scores(target)[0], target in self._grid.few_shot
        self._groups[shots] = None
        if wanted and official is None:  # every cell failed
            for arm in self._grid.arms:
                self._absent[arm, shots].append(target)
        for (arm, score), of_arm in parts.items():
            pair = averaged(of_arm.values())
            absent = lacking(arm, wanted, of_arm, parts.get((BASELINE, score)))
            fields = numbers(arm, score, pair, seeds=shared_seeds(pair))
            self.over_languages.append(Average(target=target, languages=tuple(of_arm), absent=absent, **fields))
            if score != official:
                continue
            if pair is not None:
                self._means[arm, shots].add(pair)
                self._targets[arm, shots].append(target)
            if pair is None or absent:
                self._absent[arm, shots].append(target)

    def over_targets(self) -> list[Average]:
        """One average per arm over the official scores of the targets that have a target language.

        Zero-shot and few-shot targets have one each: what they measure is not the same.
        """
        return [
            self._overall(arm, shots=shots) for shots in sorted(self._groups) or (False,) for arm in self._grid.arms
        ]

    def _overall(self, arm: str, *, shots: bool) -> Average:
        pair = self._means[arm, shots].result()
        if pair is not None:
            self.overall[arm, shots] = pair
        return Average(
            target=None,
            targets=tuple(self._targets[arm, shots]),
            absent=tuple(self._absent[arm, shots]),
            few_shot=shots,
            **numbers(arm, None, pair, seeds=shared_seeds(pair)),
        )


def parts_by_language(grid: Grid, target: str, pairs: Mapping[Key, Pair]) -> Parts:
    """What a target's averages are made of; the source language and undefined scores are left out."""
    languages = grid.target_languages(target)
    return {
        (arm, score): {
            language: pair
            for language in languages
            if (pair := pairs.get((arm, target, language, score))) is not None and not math.isnan(pair[0].mean)
        }
        for score in grid.scores(target)
        for arm in grid.arms
        if score is not None and languages
    }


def lacking(
    arm: str, wanted: Sequence[str], parts: Mapping[str, Pair], base: Mapping[str, Pair] | None
) -> tuple[str, ...]:
    """Parts (languages, targets) that a mean lacks, or its gain; without a baseline arm no gain can be missing."""
    paired = arm != BASELINE and base is not None
    return tuple(name for name in wanted if name not in parts or (paired and parts[name][1] is None))


def averaged(parts: Iterable[Pair]) -> Pair | None:
    """Mean of scores and mean of the gains that exist."""
    mean = PairMean()
    mean.extend(tuple(parts))
    return mean.result()


def shared_seeds(pair: Pair | None) -> tuple[int, ...]:
    """The seeds that every part of a mean has."""
    return tuple(pair[0].by_seed) if pair else ()
