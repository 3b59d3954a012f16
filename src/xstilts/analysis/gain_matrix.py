"""The gain matrix: arm × target × language, each beside the baseline, with paired intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xstilts.analysis.averages import Averages, parts_by_language
from xstilts.analysis.cells import Cell, Counts, Failed, by_place
from xstilts.analysis.comparing import Comparing
from xstilts.analysis.dev_selection import DevScores, Selecting
from xstilts.analysis.grid import Grid
from xstilts.analysis.morphology import LanguageMeans
from xstilts.analysis.paired import FEWER_REPLICATES, LARGE, REPLICATES, paired_by_target
from xstilts.analysis.predicting import Predicting
from xstilts.analysis.predictions import Predictions
from xstilts.analysis.table import Table
from xstilts.heads.collector import paused_collector


@paused_collector()
def gain_matrix(
    cells: Sequence[Counts],
    failed: Sequence[Failed] = (),
    *,
    source_languages: Mapping[str, str],
    replicates: int | None = None,
    stand_ins: Mapping[str, str] | None = None,
    few_shot: Mapping[str, Mapping[str, int]] | None = None,
    by_family: bool = False,
    compare: bool = True,
    dev_scores: DevScores | None = None,
    predictions: Predictions | None = None,
) -> Table:
    """Scores, gains over ``none`` and their 95 % intervals, per cell and on average.

    A gain pairs the seeds that arm and baseline share; a baseline that depends on no seed pairs with every seed.
    Averages leave the source language out, and cover what the arm has: what it lacks is listed in ``absent``.

    Args:
        cells: counts of every evaluated arm × target × language × seed.
        failed: the cells that have none.
        source_languages: target → language of its training set; absent where the target has no training.
        replicates: bootstrap replicates; by default 2,000, and 1,000 for 100,000 results or more.
        stand_ins: arm or target → what its training data was replaced by; passed on to the reports.
        few_shot: target → language → how many of its examples fine-tuning trained on: apart in every average.
        by_family: whether means over language families are taken, too.
        compare: whether arms and, in fewer than 100,000 results, languages are compared, corrected for their number.
        dev_scores: by which the trainings were selected: for what choosing an arm by them costs.
        predictions: what predictors of the best arm say, to be judged by the gains.

    Raises:
        XstiltsError: a cell is given twice, or arms were evaluated on different examples.
    """
    replicates = replicates or (REPLICATES if len(cells) < LARGE else FEWER_REPLICATES)
    counts = by_place(cells)
    grid = Grid(counts, failed, source_languages, few_shot)
    averages, languages = Averages(grid), LanguageMeans(grid)
    comparing = Comparing(grid, languages=compare and len(cells) < LARGE)
    selecting, predicting = Selecting(grid, dev_scores or {}), Predicting(grid, predictions)
    by_target: dict[str, list[Cell]] = {}
    for target, pairs in paired_by_target(counts, replicates=replicates, targets=grid.targets):
        by_target[target] = [grid.cell(arm, *place, pairs) for place in grid.places(target) for arm in grid.arms]
        parts = parts_by_language(grid, target, pairs)
        for one in (averages, languages, comparing, selecting, predicting):
            one.add(target, parts)
    over_targets = averages.over_targets()
    return Table(
        cells=tuple(cell for target in grid.targets for cell in by_target[target]),
        averages=(*averages.over_languages, *over_targets),
        by_morphology=tuple(languages.over_types()),
        by_family=tuple(languages.over_families()) if by_family else (),
        failed=tuple(failed),
        source_languages=dict(source_languages),
        few_shot=dict(few_shot or {}),
        stand_ins=dict(stand_ins or {}),
        replicates=replicates,
        comparisons=comparing.result(averages.overall) if compare else None,
        selections=tuple(selecting.found),
        predictors=predicting.result() if predictions else None,
    )
