"""A small panel for every language, all on one axis: the gain of every arm on every target that tests it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xstilts.analysis.cells import BASELINE, Estimate
from xstilts.analysis.table import Table
from xstilts.reports.figures.pictures import Mark, mark_of
from xstilts.reports.morphology import language_name
from xstilts.reports.numbers import plain

MARKS = 2_000
"""Intervals that all panels have at most; with more of them a panel shows each arm's mean over targets."""


@dataclass(frozen=True, kw_only=True)
class LanguagePanel:
    """One language.

    Attributes:
        language: its id.
        title: its name and id.
        lines: what is measured, and its mark; a name is a target and an arm, or one of the two.
    """

    language: str
    title: str
    lines: tuple[tuple[tuple[str, ...], Mark], ...]


@dataclass(frozen=True, kw_only=True)
class Multiples:
    """All panels.

    Attributes:
        shows: what a line is.
        panels: one a language, by id.
    """

    shows: str
    panels: tuple[LanguagePanel, ...]

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and highest number, zero among them: the axis of all panels."""
        marks = [mark for panel in self.panels for _, mark in panel.lines]
        found = [end for one in marks for end in (one.value, one.low, one.high) if end is not None]
        return min([0.0, *found]), max([0.0, *found])


def multiples(table: Table) -> Multiples | None:
    """The panels of all target languages; None where there is nothing to show, or too much of it."""
    arms = [arm for arm in table.arms if arm != BASELINE]
    official = {target: next(iter(table.metrics(target)), None) for target in table.targets}
    cells = [one for one in table.cells if one.arm != BASELINE and one.metric == official[one.target]]
    tested = [one for one in cells if one.language != table.source_languages.get(one.target)]
    if len(tested) <= MARKS:
        tested.sort(key=lambda one: (table.targets.index(one.target), arms.index(one.arm)))
        found = [(one.language, (one.target, one.arm)[: len(arms)], one) for one in tested]
        return _panels("each target" if len(arms) == 1 else "each target and arm", found)
    means = [one for one in table.by_morphology if one.language is not None and one.arm != BASELINE]
    if len(means) <= MARKS:
        return _panels("the mean over the language's targets", [(str(one.language), (one.arm,), one) for one in means])
    return None


def _panels(shows: str, found: Sequence[tuple[str, tuple[str, ...], Estimate]]) -> Multiples | None:
    lines: dict[str, list[tuple[tuple[str, ...], Mark]]] = {}
    for language, name, estimate in found:
        lines.setdefault(language, []).append((tuple(map(plain, name)), mark_of(estimate)))
    if not any(mark.value is not None for some in lines.values() for _, mark in some):
        return None
    return Multiples(
        shows=shows,
        panels=tuple(
            LanguagePanel(language=plain(language), title=plain(language_name(language)), lines=tuple(some))
            for language, some in sorted(lines.items())
        ),
    )
