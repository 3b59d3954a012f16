"""Gains by morphological type and by language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from xstilts import languages
from xstilts.analysis.cells import LanguageAverage
from xstilts.analysis.morphology import TYPES
from xstilts.analysis.table import Table
from xstilts.errors import UnknownName
from xstilts.reports.entries import FAILED, gain_entry
from xstilts.reports.grids import Grid, arm_title, largest_gain
from xstilts.reports.numbers import counted, plain

REMARK = (
    "Only target languages are shown. The value of a language is the mean over the targets that test it (their number "
    "is in brackets), and the value of a type is the mean over its languages. Languages are tested by different "
    "targets, so compare their gains, not their scores. Types are taken from the works that the table of languages "
    "cites; “not known” means that none of them gives a type."
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A language, or with ``language`` None a type: one average per arm."""

    morphology: str
    language: str | None
    averages: tuple[LanguageAverage, ...]
    covers: tuple[str, ...]
    """What its mean is taken over: languages of the type, or targets of the language."""


def types(table: Table) -> tuple[Row, ...]:
    """The morphological types of the run's target languages, from one morpheme a word to many."""
    return tuple(row for kind in TYPES if (row := _row(table, kind, None)).averages)


def members(table: Table, kind: Row) -> tuple[Row, ...]:
    """The languages of a type."""
    named = (one.language for one in table.by_morphology if one.morphology == kind.morphology)
    return tuple(_row(table, kind.morphology, name) for name in dict.fromkeys(named) if name is not None)


def type_title(kind: Row) -> str:
    """``fusional (3 languages)``."""
    return f"{kind.morphology} ({counted(len(kind.covers), 'language')})"


def member_title(member: Row) -> str:
    """``German, deu-Latn (2)``: the name where it is known, and how many targets test it."""
    return f"{plain(language_name(member.language or ''))} ({len(member.covers)})"


def language_name(language: str) -> str:
    """``German, deu-Latn``; the id alone where the table of languages does not hold it."""
    try:
        return f"{languages.get(language).name}, {language}"
    except UnknownName:
        return language


def morphology_grids(table: Table) -> tuple[Grid, ...]:
    """A grid of types, and one of every language; none where there is no target language."""
    kinds = types(table)
    if not kinds:
        return ()
    rows = [(f"{member_title(one)} – {one.morphology}", one) for kind in kinds for one in members(table, kind)]
    return (
        _grid(table, "Mean of each type over its languages", "morphological type", [(type_title(k), k) for k in kinds]),
        replace(_grid(table, "Every language, mean over its targets", "language (targets)", rows), folded=True),
    )


def _grid(table: Table, title: str, corner: str, rows: Iterable[tuple[str, Row]]) -> Grid:
    lines = tuple(rows)
    largest = largest_gain(average for _, row in lines for average in row.averages)
    return Grid(
        title=title,
        corner=corner,
        columns=tuple(map(arm_title, table.arms)),
        rows=tuple((name, tuple(gain_entry(one, largest=largest) for one in row.averages)) for name, row in lines),
        largest=largest,
    )


def _row(table: Table, kind: str, language: str | None) -> Row:
    found = [one for one in table.by_morphology if (one.morphology, one.language) == (kind, language)]
    covers = dict.fromkeys(name for one in found for name in (*one.languages, *one.targets, *one.absent))
    averages = tuple(_said(table, one) for one in found)
    return Row(morphology=kind, language=language, averages=averages, covers=tuple(covers))


def _said(table: Table, average: LanguageAverage) -> LanguageAverage:
    """A mean that is empty because of failures is marked as failed."""
    names = {average.language} if average.language is not None else set(average.absent)
    failed = any(one.arm == average.arm and one.language in names for one in table.failed)
    return replace(average, absent=(FAILED,)) if average.mean is None and failed else average
