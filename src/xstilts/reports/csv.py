"""The report as CSV: one row per cell, then one per average; numbers are fractions, unrounded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain

from xstilts.analysis.cells import Average, Cell, Interval
from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.reports.numbers import plain
from xstilts.reports.report_format import Format

Value = str | int | float | None


def render(table: Table, info: RunInfo) -> str:
    """Rows for programs. ``row`` distinguishes cells from averages; a missing value is empty."""
    estimates: Iterable[Cell | Average] = chain(table.cells, table.averages)
    rows = map(_row, estimates)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(row.get(column)) for column in COLUMNS] for row in rows)
    return out.getvalue()


def guarded(value: Value) -> Value:
    """Text on one line; what a spreadsheet would run as a formula gets a leading apostrophe. Numbers stay."""
    if not isinstance(value, str) or value.isalnum():
        return value
    text = plain(value)
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text


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


def _row(one: Cell | Average) -> dict[str, Value]:
    own = _cell(one) if isinstance(one, Cell) else _average(one)
    return {
        **own,
        "arm": one.arm,
        "metric": one.metric,
        "unit": one.unit,
        "seeds": len(one.seeds),
        "mean": one.mean,
        "low": one.low,
        "high": one.high,
        "interval": one.interval,
        "gain": one.gain,
        "gain_low": one.gain_low,
        "gain_high": one.gain_high,
        "gain_interval": one.gain_interval,
        "seed_list": _joined(one.seeds),
        "gain_seed_list": _joined(one.gain_seeds),
        **_ends("examples_only", one.examples_only),
        **_ends("gain_examples_only", one.gain_examples_only),
        **_ends("seed", one.seed_range),
        **_ends("gain_seed", one.gain_seed_range),
    }


def _cell(cell: Cell) -> dict[str, Value]:
    return {
        "row": "cell",
        "target": cell.target,
        "language": cell.language,
        "status": cell.status,
        "examples": cell.examples,
        "clusters": cell.clusters,
        "failure": cell.failure,
        "nodes": _joined(cell.nodes),
    }


def _average(average: Average) -> dict[str, Value]:
    over = average.targets if average.target is None else average.languages
    return {
        "row": "average over targets" if average.target is None else "average over target languages",
        "target": average.target,
        "status": "missing" if average.mean is None else "partial" if average.absent else "ok",
        "averaged": _joined(over),
        "absent": _joined(average.absent),
    }


def _ends(name: str, ends: Interval | None) -> dict[str, Value]:
    low, high = ends or (None, None)
    return {f"{name}_low": low, f"{name}_high": high}


def _joined(values: Sequence[str | int]) -> str:
    return " ".join(map(str, values))


FORMAT = Format(name="csv", suffix=".csv", render=render)
