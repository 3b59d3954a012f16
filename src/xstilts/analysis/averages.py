"""Averages of the gain matrix: over the target languages of a target, and over targets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from xstilts.analysis.bootstrap import average
from xstilts.analysis.cells import BASELINE, Average
from xstilts.analysis.estimates import numbers
from xstilts.analysis.grid import Grid
from xstilts.analysis.paired import Key, Pair

Parts = Mapping[tuple[str, str, str], Mapping[str, Pair]]
"""(Arm, target, score) → language → pair, of the target languages that have a number."""


def parts_by_language(grid: Grid, pairs: Mapping[Key, Pair]) -> Parts:
    """What the averages are made of; the source language and undefined scores are left out."""
    return {
        (arm, target, score): {
            language: pairs[arm, target, language, score]
            for language in grid.target_languages(target)
            if (arm, target, language, score) in pairs and not math.isnan(pairs[arm, target, language, score][0].mean)
        }
        for target in grid.targets
        for score in grid.scores(target)
        for arm in grid.arms
        if score is not None and grid.target_languages(target)
    }


def over_languages(grid: Grid, parts: Parts) -> list[Average]:
    """One average per arm, target and score."""
    return [
        Average(
            target=target,
            languages=tuple(of_arm),
            absent=lacking(arm, grid.target_languages(target), of_arm, parts.get((BASELINE, target, score))),
            **numbers(arm, score, pair := averaged(of_arm.values()), seeds=shared_seeds(pair)),
        )
        for (arm, target, score), of_arm in parts.items()
    ]


def over_targets(grid: Grid, parts: Parts) -> list[Average]:
    """One average per arm over the official scores of the targets that have a target language."""
    official = {target: grid.scores(target)[0] for target in grid.targets if grid.target_languages(target)}
    averages = []
    for arm in grid.arms:
        by_target: dict[str, Pair] = {}
        absent = []
        for target, score in official.items():
            of_arm = parts.get((arm, target, score or ""), {})
            base = parts.get((BASELINE, target, score or ""))
            pair = averaged(of_arm.values())
            if pair is not None:
                by_target[target] = pair
            if pair is None or lacking(arm, grid.target_languages(target), of_arm, base):
                absent.append(target)
        pair = averaged(by_target.values())
        averages.append(
            Average(
                target=None,
                targets=tuple(by_target),
                absent=tuple(absent),
                **numbers(arm, None, pair, seeds=shared_seeds(pair)),
            )
        )
    return averages


def lacking(
    arm: str, wanted: Sequence[str], parts: Mapping[str, Pair], base: Mapping[str, Pair] | None
) -> tuple[str, ...]:
    """Parts (languages, targets) that a mean lacks, or its gain; without a baseline arm no gain can be missing."""
    paired = arm != BASELINE and base is not None
    return tuple(name for name in wanted if name not in parts or (paired and parts[name][1] is None))


def averaged(parts: Iterable[Pair]) -> Pair | None:
    """Mean of scores and mean of the gains that exist."""
    pairs = list(parts)
    gains = [gain for _, gain in pairs if gain is not None]
    if not pairs:
        return None
    return average([value for value, _ in pairs]), average(gains) if gains else None


def shared_seeds(pair: Pair | None) -> tuple[int, ...]:
    """The seeds that every part of a mean has."""
    return tuple(pair[0].by_seed) if pair else ()
