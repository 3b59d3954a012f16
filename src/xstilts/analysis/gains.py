"""The gains of arms over any one arm, with the replicates behind them: what contrasts and claims are computed from."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from xstilts.analysis.cells import BASELINE, Counts, Failed, by_place
from xstilts.analysis.grid import Grid
from xstilts.analysis.paired import FEWER_REPLICATES, LARGE, REPLICATES, Pair, paired_by_target

_Placed = TypeVar("_Placed", Counts, Failed)
FewShot = Mapping[str, Mapping[str, int]]
"""Target → language → examples that fine-tuning trained on."""
Gains = dict[str, dict[str, Pair]]
"""Target → language → the score of an arm and its gain."""


def replicates_of(cells: Sequence[Counts]) -> int:
    """How many replicates the gains of a run have: alike for all of them, since they are compared draw by draw."""
    return REPLICATES if len(cells) < LARGE else FEWER_REPLICATES


def relabelled(
    cells: Iterable[_Placed],
    against: str,
    *,
    arms: Collection[str] | None = None,
    targets: Collection[str] = (),
    languages: Collection[str] = (),
) -> Iterator[_Placed]:
    """The cells of some arms, and of the one that they are compared with under the name of the baseline.

    Args:
        cells: of a run.
        against: takes the place of the baseline; the baseline itself is then left out.
        arms: that are compared; None: all others.
        targets: that count; empty: all.
        languages: that count; empty: all.
    """
    for cell in cells:
        if (targets and cell.target not in targets) or (languages and cell.language not in languages):
            continue
        if cell.arm == against:
            yield cell if cell.arm == BASELINE else replace(cell, arm=BASELINE)
        elif cell.arm != BASELINE and (arms is None or cell.arm in arms):
            yield cell


def gains_over(
    against: str,
    cells: Sequence[Counts],
    *,
    source_languages: Mapping[str, str],
    replicates: int,
    few_shot: FewShot | None = None,
    arms: Collection[str] | None = None,
    targets: Collection[str] = (),
    languages: Collection[str] = (),
) -> dict[str, Gains]:
    """Arm → its gains by their official scores in every target language; without the arms that the run lacks.

    The other arguments are those of `relabelled` and of the gain matrix.
    """
    counts = by_place(relabelled(cells, against, arms=arms, targets=targets, languages=languages))
    grid = Grid(counts, (), source_languages, few_shot)
    if BASELINE not in grid.arms:
        return {}
    found: dict[str, Gains] = {arm: {} for arm in grid.arms if arm != BASELINE}
    for target, pairs in paired_by_target(counts, replicates=replicates, targets=grid.targets):
        score = grid.scores(target)[0] or ""
        for arm, of_arm in found.items():
            places = {language: pairs.get((arm, target, language, score)) for language in grid.target_languages(target)}
            of_arm[target] = {
                language: pair
                for language, pair in places.items()
                if pair is not None and pair[1] is not None and not math.isnan(pair[0].mean)
            }
    return found
