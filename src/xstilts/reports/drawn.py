"""Which languages and sources trainings had their examples from, where rows were joined."""

from __future__ import annotations

from xstilts.analysis.drawn import Drawn
from xstilts.analysis.table import Table
from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.numbers import MISSING, plain

REMARK = (
    "Examples of the first seed; every seed draws its own, in the same numbers as far as the balance says them. The "
    "few-shot examples of a target are in the row of the split that they were drawn from."
)


def drawn_grids(table: Table) -> tuple[Grid, ...]:
    """One row a source of every arm and target, one column a language."""
    languages = sorted({language for one in table.drawn for language in one.languages})
    if not languages:
        return ()
    rows = [row for one in table.drawn for row in _rows(one, languages)]
    return (
        Grid(
            title="Examples by language",
            corner="source",
            across="language",
            columns=("all", *map(plain, languages)),
            rows=tuple(rows),
        ),
    )


def _rows(one: Drawn, languages: list[str]) -> list[tuple[str, tuple[Entry, ...]]]:
    sources = sorted({source for source, _ in one.examples})
    found = []
    for source in sources:
        counts = [one.examples.get((source, language), 0) for language in languages]
        found.append((plain(f"{one.of} {one.name}: {source}"), _entries(counts)))
    if len(sources) > 1:
        whole = [one.languages.get(language, 0) for language in languages]
        found.append((plain(f"{one.of} {one.name}: all"), _entries(whole)))
    return found


def _entries(counts: list[int]) -> tuple[Entry, ...]:
    return tuple(
        Entry(main=f"{count:,}" if count else MISSING, status="ok" if count else "missing")
        for count in (sum(counts), *counts)
    )
