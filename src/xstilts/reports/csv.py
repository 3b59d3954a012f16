"""The report as CSV: one row per cell, then one per average; numbers are fractions, unrounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from xstilts.analysis.cells import Average, Cell, Estimate, Interval
from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.robustness import Difference, RobustEstimate
from xstilts.analysis.table import Table
from xstilts.heads.collector import paused_collector
from xstilts.reports.comparisons import comparison_rows
from xstilts.reports.contamination import clean_rows
from xstilts.reports.numbers import plain
from xstilts.reports.predictors import predictor_rows
from xstilts.reports.question import difference_of
from xstilts.reports.report_format import Format
from xstilts.reports.robustness import AS_THEY_ARE

Row = list[str]
"""The columns, as they are written."""
NEITHER = ("", "")
"""The ends of an interval that there is not."""
NAMES = 10_000
"""Names and lists of seeds that are remembered as they are written: they come again and again."""


@paused_collector()
def render(table: Table, info: RunInfo) -> str:
    """Rows for programs. ``row`` distinguishes cells from averages; a missing value is empty."""
    estimates: Iterable[Cell | Average] = chain(table.cells, table.averages)
    robust = table.robustness
    header = (*COLUMNS, *FORM_COLUMNS) if robust else COLUMNS
    rest = "," * len(FORM_COLUMNS) if robust else ""
    of_table = (_marked(_row(one), one, table) for one in estimates)
    further = (_named(said) for said in chain(comparison_rows(table), predictor_rows(table), clean_rows(table)))
    lines = [",".join(row) + rest for row in chain(of_table, contrast_rows(table), further)]
    forms = [",".join(_form_row(one)) for one in (robust.estimates if robust else ())]
    return "\n".join([",".join(header), *lines, *forms, ""])


def _marked(row: Row, one: Cell | Average, table: Table) -> Row:
    """The row, which says so where it is few-shot: ``cell, 10-shot``."""
    if one.target is None:
        return [_quoted(f"{row[0]}, few-shot"), *row[1:]] if one.few_shot else row
    shots = table.few_shot.get(one.target)
    k = None if shots is None else shots.get(one.language) if isinstance(one, Cell) else max(shots.values())
    return row if k is None else [_quoted(f"{row[0]}, {k}-shot"), *row[1:]]


def contrast_rows(table: Table) -> Iterator[Row]:
    """The differences that answer the run's question: as averages, whose gain is over the arm that ``row`` names."""
    for one in table.answer.contrasts if table.answer else ():
        for average in filter(None, (one.overall, *one.by_target)):
            said = _row(average)
            under = f", under {one.under}" if one.under else ""
            what = difference_of(one) if one.less or one.languages else f"with {one.against}"
            yield [text(f"contrast {what}{under}, {said[0]}"), *said[1:]]


def text(value: str | None) -> str:
    """A text as it is written: on one line; what a spreadsheet would run as a formula gets a leading apostrophe."""
    if value is None or value.isalnum():
        return value or ""
    line = plain(value)
    return _quoted(f"'{line}" if line.lstrip().startswith(("=", "+", "-", "@")) else line)


def _quoted(line: str) -> str:
    """In quotes where it has to be (RFC 4180)."""
    if "," in line or '"' in line:
        return '"' + line.replace('"', '""') + '"'
    return line


def _number(value: float | None) -> str:
    return "" if value is None else str(value)


def _named(said: Mapping[str, str | float]) -> Row:
    return [str(one) if isinstance(one := said.get(column), float) else text(one) for column in COLUMNS]


_name = lru_cache(maxsize=NAMES)(text)


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


def _form_row(one: RobustEstimate) -> Row:
    """A score and a gain in one form of the test rows."""
    own = _Own(
        row=_quoted("form of rows" if one.language else "average over target languages, form of rows"),
        target=text(one.target),
        status="failed" if one.failure else "missing" if one.mean is None else "ok",
        language=text(one.language),
        examples=str(one.examples or ""),
        averaged=_joined(one.languages) if one.languages else "",
        failure=text(one.failure),
        nodes=_joined(one.nodes),
    )
    changed = [part for change in (one.score_change, one.gain_change) for part in _ends(change)]
    form = [text(one.form.perturbation or ("" if one.form.second else AS_THEY_ARE)), text(one.form.second)]
    return [*_values(one, own), *form, *changed, _number(one.error_rate)]


def _ends(change: Difference | None) -> tuple[str, str, str]:
    return (_number(change.mean), _number(change.low), _number(change.high)) if change else ("", "", "")


def _row(one: Cell | Average) -> Row:
    """The columns, in their order."""
    return _values(one, _cell(one) if isinstance(one, Cell) else _average(one))


def _values(one: Estimate, own: _Own) -> Row:
    return [
        own.row,
        _name(one.arm),
        own.target,
        own.language,
        _name(one.metric),
        one.unit,
        str(len(one.seeds)),
        _number(one.mean),
        _number(one.low),
        _number(one.high),
        one.interval,
        _number(one.gain),
        _number(one.gain_low),
        _number(one.gain_high),
        one.gain_interval,
        own.status,
        own.examples,
        own.clusters,
        _seed_list(one.seeds),
        _seed_list(one.gain_seeds),
        *_interval(one.examples_only),
        *_interval(one.gain_examples_only),
        *_interval(one.seed_range),
        *_interval(one.gain_seed_range),
        own.averaged,
        own.absent,
        own.failure,
        own.nodes,
    ]


def _interval(ends: Interval | None) -> tuple[str, str]:
    return NEITHER if ends is None else (_number(ends[0]), _number(ends[1]))


class _Own(NamedTuple):
    """Columns that cells and averages fill differently."""

    row: str
    target: str
    status: str
    language: str = ""
    examples: str = ""
    clusters: str = ""
    averaged: str = ""
    absent: str = ""
    failure: str = ""
    nodes: str = ""


def _cell(cell: Cell) -> _Own:
    return _Own(
        row="cell",
        target=_name(cell.target),
        language=_name(cell.language),
        status=cell.status,
        examples=str(cell.examples),
        clusters=str(cell.clusters),
        failure=text(cell.failure),
        nodes=_joined(cell.nodes),
    )


def _average(average: Average) -> _Own:
    over = average.targets if average.target is None else average.languages
    return _Own(
        row="average over targets" if average.target is None else "average over target languages",
        target=text(average.target),
        status="missing" if average.mean is None else "partial" if average.absent else "ok",
        averaged=_joined(over),
        absent=_joined(average.absent),
    )


def _joined(values: Sequence[str]) -> str:
    return text(" ".join(values))


@lru_cache(maxsize=NAMES)
def _seed_list(seeds: Sequence[int]) -> str:
    return " ".join(map(str, seeds))


FORMAT = Format(name="csv", suffix=".csv", render=render)
