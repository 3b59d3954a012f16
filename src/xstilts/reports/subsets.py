"""Arms on chosen rows: what they were trained on, and each beside its random subset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xstilts.analysis.subsets import Measured
from xstilts.analysis.table import Table
from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.numbers import MISSING, plain
from xstilts.reports.question import contrast_grids

REMARK = (
    "Every arm on chosen rows is run beside an arm on as many random rows with the same labels and languages, drawn "
    "anew for every seed: the difference is what the choice did, and its interval contains the luck of the draw."
)
COLUMNS = ("rows", "of", "labels", "languages", "characters", "overlap")
HINT = (
    "Labels and languages are shares of the rows. Characters are the mean of all that a model reads of a row; overlap "
    "is the share of the second text's words that the first one has (of multiple choice: of the right choice's words "
    "that the prompt has). Scores are means of what the rows were chosen by. Random subsets: of the first seed."
)
MOST = 6
"""Labels and languages that are named; of more only their number."""


def subset_grids(table: Table) -> tuple[Grid, ...]:
    """Pairs of arms with the difference between them, and what each arm was trained on."""
    pairs = contrast_grids(table.pairs)[:1]
    names = list(dict.fromkeys(name for one in table.subsets for name in one.chosen.scores))
    rows, known = [], set()
    for one in table.subsets:
        whole = (one.whole.rows, tuple(one.whole.labels.items()), tuple(one.whole.languages.items()), one.whole.length)
        if whole not in known:
            known.add(whole)
            rows.append((plain(f"all rows of {one.arm}"), _entries(one.whole, one.whole, names)))
        rows.append((plain(one.arm), _entries(one.chosen, one.whole, names)))
    found = [replace(grid, title=f"Chosen minus random: {grid.title.partition(': ')[2]}") for grid in pairs]
    if rows:
        columns = (*COLUMNS, *map(plain, names))
        found.append(Grid(title="What was trained on", corner="arm", columns=columns, rows=tuple(rows)))
    return tuple(found)


def _entries(one: Measured, whole: Measured, names: list[str]) -> tuple[Entry, ...]:
    lines = [
        [f"{one.rows:,}"],
        [f"{whole.rows:,}"],
        _shares(one.labels),
        _shares(one.languages),
        [_number(one.length, 0)],
        [_number(one.overlap, 2)],
        *([_number(one.scores.get(name), 3)] for name in names),
    ]
    return tuple(_entry(*map(plain, some)) for some in lines)


def _entry(main: str, *details: str) -> Entry:
    return Entry(main=main, details=details, status="missing" if main == MISSING else "ok")


def _shares(counts: Mapping[str, int]) -> list[str]:
    """``entailment 33 %`` and ``neutral 34 %``, a line each."""
    total = sum(counts.values())
    if not total:
        return [MISSING]
    if len(counts) > MOST:
        return [f"{len(counts)} of them"]
    return [f"{name} {100 * count / total:.0f} %" for name, count in counts.items()]


def _number(value: float | None, digits: int) -> str:
    return MISSING if value is None else f"{value:,.{digits}f}"
