"""The gain matrix: arm × target × language, each beside the baseline, with paired intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xstilts.analysis.averages import over_languages, over_targets, parts_by_language
from xstilts.analysis.cells import Counts, Failed
from xstilts.analysis.grid import Grid
from xstilts.analysis.morphology import over_types
from xstilts.analysis.paired import paired_scores
from xstilts.analysis.table import Table


def gain_matrix(
    cells: Sequence[Counts],
    failed: Sequence[Failed] = (),
    *,
    source_languages: Mapping[str, str],
    replicates: int = 2000,
    stand_ins: Mapping[str, str] | None = None,
) -> Table:
    """Scores, gains over ``none`` and their 95 % intervals, per cell and on average.

    A gain pairs the seeds that arm and baseline share; a baseline that depends on no seed pairs with every seed.
    Averages leave the source language out, and cover what the arm has: what it lacks is listed in ``absent``.

    Args:
        cells: counts of every evaluated arm × target × language × seed.
        failed: the cells that have none.
        source_languages: target → language of its training set; absent where the target has no training.
        replicates: bootstrap replicates.
        stand_ins: arm or target → what its training data was replaced by; passed on to the reports.

    Raises:
        XstiltsError: a cell is given twice, or arms were evaluated on different examples.
    """
    pairs = paired_scores(cells, replicates=replicates)
    grid = Grid(cells, failed, source_languages)
    parts = parts_by_language(grid, pairs)
    return Table(
        cells=tuple(grid.cell(arm, *place, pairs) for place in grid.places() for arm in grid.arms),
        averages=(*over_languages(grid, parts), *over_targets(grid, parts)),
        by_morphology=tuple(over_types(grid, parts)),
        failed=tuple(failed),
        source_languages=dict(source_languages),
        stand_ins=dict(stand_ins or {}),
        replicates=replicates,
    )
