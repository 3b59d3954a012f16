"""Heat maps of arm × language, one per target: all on one scale, so that colours compare between targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xstilts.analysis.cells import BASELINE, Cell
from xstilts.analysis.table import Table
from xstilts.reports.entries import Entry, brief, gain_entry
from xstilts.reports.grids import Grid, arm_title, baselines, largest_gain, target_average
from xstilts.reports.numbers import plain


def language_maps(table: Table) -> tuple[Grid, ...]:
    """Gains of every arm in every language; none where there is no arm to compare."""
    if not any(arm != BASELINE for arm in table.arms):
        return ()
    largest = largest_gain(_official(table, [arm for arm in table.arms if arm != BASELINE]))
    return tuple(_map(table, target, largest) for target in table.targets)


def _map(table: Table, target: str, largest: float) -> Grid:
    source = table.source_languages.get(target)
    languages, shots = table.languages(target), table.few_shot.get(target)
    others = [one for one in languages if one != source and (shots is None or one in shots)]
    ordered = [*others, *(language for language in languages if language not in others)]
    average = ("mean",) if others else ()
    return Grid(
        title=plain(target),
        corner="arm",
        columns=(*average, *(plain(_column(one, source, shots)) for one in ordered)),
        rows=tuple((arm_title(arm), _entries(table, arm, target, others, ordered, largest)) for arm in table.arms),
        largest=largest,
        across="language",
        fixed=baselines(table),
    )


def _column(language: str, source: str | None, shots: Mapping[str, int] | None) -> str:
    if language == source:
        return f"{language} (source)"
    if shots is None:
        return language
    return f"{language} ({shots[language]}-shot)" if language in shots else f"{language} (zero-shot)"


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
