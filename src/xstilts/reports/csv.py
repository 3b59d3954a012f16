"""The report as CSV: one row per cell, then one per average; numbers are fractions, unrounded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from xstilts.analysis.cells import Average, Cell, Estimate
from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.robustness import Difference, RobustEstimate
from xstilts.analysis.table import Table
from xstilts.heads.collector import paused_collector
from xstilts.reports.comparisons import comparison_rows
from xstilts.reports.numbers import plain
from xstilts.reports.question import difference_of
from xstilts.reports.report_format import Format
from xstilts.reports.robustness import AS_THEY_ARE

Value = str | int | float | None
NEITHER = (None, None)
"""The ends of an interval that there is not."""
NAMES = 10_000
"""Names and lists of seeds that are remembered as they are written: they come again and again."""


@paused_collector()
def render(table: Table, info: RunInfo) -> str:
    """Rows for programs. ``row`` distinguishes cells from averages; a missing value is empty."""
    estimates: Iterable[Cell | Average] = chain(table.cells, table.averages)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    robust = table.robustness
    writer.writerow((*COLUMNS, *FORM_COLUMNS) if robust else COLUMNS)
    nothing = [None] * len(FORM_COLUMNS) if robust else []
    compared = ([guarded(said.get(column)) for column in COLUMNS] for said in comparison_rows(table))
    of_table = (_marked(_row(one), one, table) for one in estimates)
    writer.writerows([*row, *nothing] for row in chain(of_table, contrast_rows(table), compared))
    writer.writerows(map(_form_row, robust.estimates if robust else ()))
    return out.getvalue()


def _marked(row: list[Value], one: Cell | Average, table: Table) -> list[Value]:
    """The row, which says so where it is few-shot: ``cell, 10-shot``."""
    if one.target is None:
        return [f"{row[0]}, few-shot", *row[1:]] if one.few_shot else row
    shots = table.few_shot.get(one.target)
    k = None if shots is None else shots.get(one.language) if isinstance(one, Cell) else max(shots.values())
    return row if k is None else [f"{row[0]}, {k}-shot", *row[1:]]


def contrast_rows(table: Table) -> Iterator[list[Value]]:
    """The differences that answer the run's question: as averages, whose gain is over the arm that ``row`` names."""
    for one in table.answer.contrasts if table.answer else ():
        for average in (one.overall, *one.by_target):
            if average is not None:
                said = _row(average)
                under = f", under {one.under}" if one.under else ""
                what = f"{difference_of(one)}" if one.less or one.languages else f"with {one.against}"
                yield [guarded(f"contrast {what}{under}, {said[0]}"), *said[1:]]


def guarded(value: Value) -> Value:
    """Text on one line; what a spreadsheet would run as a formula gets a leading apostrophe. Numbers stay."""
    return _guarded(value) if isinstance(value, str) else value


def _guarded(value: str) -> str:
    if value.isalnum():
        return value
    text = plain(value)
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text


_name = lru_cache(maxsize=NAMES)(guarded)


COLUMNS = (
    "row",
    "arm",
    "target",
    "language",
    "metric",
    "unit",
    "seeds",
    "mean",
    "low",
    "high",
    "interval",
    "gain",
    "gain_low",
    "gain_high",
    "gain_interval",
    "status",
    "examples",
    "clusters",
    "seed_list",
    "gain_seed_list",
    "examples_only_low",
    "examples_only_high",
    "gain_examples_only_low",
    "gain_examples_only_high",
    "seed_low",
    "seed_high",
    "gain_seed_low",
    "gain_seed_high",
    "averaged",
    "absent",
    "failure",
    "nodes",
)


FORM_COLUMNS = (
    "perturbation",
    "second_language",
    "score_change",
    "score_change_low",
    "score_change_high",
    "gain_change",
    "gain_change_low",
    "gain_change_high",
    "character_error_rate",
)
"""Further columns of a run with rows in other forms: changes are differences from the rows as they are."""


def _form_row(one: RobustEstimate) -> list[Value]:
    """A score and a gain in one form of the test rows."""
    ok = "failed" if one.failure else "missing" if one.mean is None else "ok"
    own = _Own(
        row="form of rows" if one.language else "average over target languages, form of rows",
        target=guarded(one.target),
        status=ok,
        language=guarded(one.language),
        examples=one.examples or None,
        averaged=guarded(_joined(one.languages)) if one.languages else None,
        failure=guarded(one.failure),
        nodes=guarded(_joined(one.nodes)),
    )
    changed = [part for change in (one.score_change, one.gain_change) for part in _ends(change)]
    form = [guarded(one.form.perturbation or ("" if one.form.second else AS_THEY_ARE)), guarded(one.form.second)]
    return [*_values(one, own), *form, *changed, one.error_rate]


def _ends(change: Difference | None) -> tuple[float | None, float | None, float | None]:
    return (change.mean, change.low, change.high) if change else (None, None, None)


def _row(one: Cell | Average) -> list[Value]:
    """The values of the columns, in their order."""
    return _values(one, _cell(one) if isinstance(one, Cell) else _average(one))


def _values(one: Estimate, own: _Own) -> list[Value]:
    return [
        own.row,
        _name(one.arm),
        own.target,
        own.language,
        _name(one.metric),
        one.unit,
        len(one.seeds),
        one.mean,
        one.low,
        one.high,
        one.interval,
        one.gain,
        one.gain_low,
        one.gain_high,
        one.gain_interval,
        own.status,
        own.examples,
        own.clusters,
        _seed_list(one.seeds),
        _seed_list(one.gain_seeds),
        *(one.examples_only or NEITHER),
        *(one.gain_examples_only or NEITHER),
        *(one.seed_range or NEITHER),
        *(one.gain_seed_range or NEITHER),
        own.averaged,
        own.absent,
        own.failure,
        own.nodes,
    ]


class _Own(NamedTuple):
    """Columns that cells and averages fill differently."""

    row: str
    target: Value
    status: str
    language: Value = None
    examples: int | None = None
    clusters: int | None = None
    averaged: Value = None
    absent: Value = None
    failure: Value = None
    nodes: Value = None


def _cell(cell: Cell) -> _Own:
    return _Own(
        row="cell",
        target=_name(cell.target),
        language=_name(cell.language),
        status=cell.status,
        examples=cell.examples,
        clusters=cell.clusters,
        failure=guarded(cell.failure),
        nodes=guarded(_joined(cell.nodes)),
    )


def _average(average: Average) -> _Own:
    over = average.targets if average.target is None else average.languages
    return _Own(
        row="average over targets" if average.target is None else "average over target languages",
        target=guarded(average.target),
        status="missing" if average.mean is None else "partial" if average.absent else "ok",
        averaged=guarded(_joined(over)),
        absent=guarded(_joined(average.absent)),
    )


def _joined(values: Sequence[str | int]) -> str:
    return " ".join(map(str, values))


_seed_list = lru_cache(maxsize=NAMES)(_joined)


FORMAT = Format(name="csv", suffix=".csv", render=render)
