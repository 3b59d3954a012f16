"""Heat maps of arm × language, one per target: all on one scale, so that colours compare between targets."""

from __future__ import annotations

from collections.abc import Sequence

from xstilts.analysis.cells import BASELINE, Cell
from xstilts.analysis.table import Table
from xstilts.reports.entries import Entry, brief, gain_entry
from xstilts.reports.grids import Grid, arm_title, largest_gain, target_average
from xstilts.reports.numbers import plain


def language_maps(table: Table) -> tuple[Grid, ...]:
    """Gains of every arm in every language; none where there is no arm to compare."""
    if not any(arm != BASELINE for arm in table.arms):
        return ()
    largest = largest_gain(_official(table, [arm for arm in table.arms if arm != BASELINE]))
    return tuple(_map(table, target, largest) for target in table.targets)


def _map(table: Table, target: str, largest: float) -> Grid:
    source = table.source_languages.get(target)
    languages = table.languages(target)
    others = [language for language in languages if language != source]
    ordered = [*others, *(language for language in languages if language == source)]
    average = ("mean",) if others else ()
    return Grid(
        title=plain(target),
        corner="arm",
        columns=(*average, *(plain(f"{one} (source)" if one == source else one) for one in ordered)),
        rows=tuple((arm_title(arm), _entries(table, arm, target, others, ordered, largest)) for arm in table.arms),
        largest=largest,
    )


def _entries(
    table: Table, arm: str, target: str, others: Sequence[str], ordered: Sequence[str], largest: float
) -> tuple[Entry, ...]:
    average = [target_average(table, arm, target)] if others else []
    cells = [cell for language in ordered if (cell := table.cell(arm, target, language)) is not None]
    return tuple(brief(gain_entry(one, largest=largest)) for one in [*average, *cells])


def _official(table: Table, arms: Sequence[str]) -> list[Cell]:
    places = dict.fromkeys((cell.target, cell.language) for cell in table.cells)
    found = [table.cell(arm, *place) for place in places for arm in arms]
    return [cell for cell in found if cell is not None]
