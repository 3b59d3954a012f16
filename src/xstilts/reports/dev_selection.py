"""What choosing an arm on source-language dev rows cost, against the best choice in each target language."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.analysis.dev_selection import Cost, Selection
from xstilts.analysis.table import Table
from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.numbers import MISSING, counted, listed, percent, plain, points, points_range

REMARK = (
    "Without labels in a target language an arm is chosen by its dev score in the source language. The oracle takes "
    "the arm that is best on the target languages’ test rows. The cost is the difference in points; its interval "
    "compares all arms with the chosen one at once, and from 0 on the choice cannot be told from the best one. The "
    "correlation is that of dev scores with test scores over all trainings (arm and seed), by ranks. It is flagged "
    "where it is below zero beyond chance (one-sided, 5 %, corrected for the number of languages): there the dev score "
    "points the wrong way (arXiv 2004.15001). Only the weights that the dev score selected are tested, so what another "
    "step would have given is not known."
)


def selection_sections(table: Table) -> Iterator[tuple[str, tuple[str, ...], tuple[Grid, ...]]]:
    """Title, remarks and grids; nothing where no dev scores were kept, or there is nothing to choose."""
    if table.selections:
        yield "Choosing an arm", tuple(map(plain, _flags(table))), (_targets(table), *_languages(table))


def _flags(table: Table) -> Iterator[str]:
    for one in table.selections:
        if one.opposed:
            named = [f"{language} ({_rho(one.by_language[language])})" for language in one.opposed]
            yield (
                f"{one.target}: the dev score points the wrong way in {len(one.opposed)} of "
                f"{counted(len(one.by_language), 'language')}, namely {listed(named)}."
            )
    without = [target for target in table.targets if target not in {one.target for one in table.selections}]
    if without:
        yield f"Without dev scores of two arms, so not among these: {listed(without)}."


def _targets(table: Table) -> Grid:
    return Grid(
        title="Over target languages",
        corner="target",
        columns=("chosen on dev", "its dev score", "best", "cost", "correlation", "flagged"),
        rows=tuple((plain(one.target), _row(one)) for one in table.selections),
    )


def _row(one: Selection) -> tuple[Entry, ...]:
    flagged = f"{len(one.opposed)} of {counted(len(one.by_language), 'language')}"
    of_all = (_missing(), _missing(), _missing()) if one.overall is None else _cost(one.overall)
    return (
        Entry(main=plain(one.chosen)),
        Entry(main=percent(one.dev[one.chosen])),
        *of_all,
        Entry(main=flagged, hint=plain(listed(list(one.opposed))) if one.opposed else ""),
    )


def _languages(table: Table) -> Iterator[Grid]:
    for one in table.selections:
        if len(one.by_language) > 1:
            yield Grid(
                title=plain(f"{one.target}, by language: {one.chosen} was chosen on dev"),
                corner="language",
                columns=("best", "cost", "correlation"),
                rows=tuple(
                    (plain(language), _cost(cost, opposed=language in one.opposed))
                    for language, cost in one.by_language.items()
                ),
                folded=True,
            )


def _cost(cost: Cost, *, opposed: bool = False) -> tuple[Entry, Entry, Entry]:
    span = () if cost.interval is None else (points_range(cost.interval).replace("+", ""),)
    return (
        Entry(main=plain(cost.best)),
        Entry(main=points(cost.cost).lstrip("+"), details=span),
        _missing() if cost.correlation is None else Entry(main=_rho(cost) + (" ▼" if opposed else "")),
    )


def _rho(cost: Cost) -> str:
    return MISSING if cost.correlation is None else f"{cost.correlation:+.2f}".replace("-", "−")


def _missing() -> Entry:
    return Entry(main=MISSING, status="missing")
