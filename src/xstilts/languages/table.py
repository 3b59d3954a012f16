"""Reads the table of languages: `table.tsv` (one row per language) and `sources.tsv` (one row per work).

Both are parsed at first use with the csv module alone: listing languages must cost milliseconds.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

from xstilts.errors import DataError, UnknownName
from xstilts.languages.language import CORPORA, SYSTEMS, Language, Source
from xstilts.languages.row import CODE_COLUMNS, claims, language_of, sourced_as_a_whole

TABLE = Path(__file__).with_name("table.tsv")
SOURCES = Path(__file__).with_name("sources.tsv")

COLUMNS = (
    *("id", "name", "own_name", "iso639_3", "xtreme", "tatoeba", "wals", "benchmarks", "grambank"),
    *("family", "genus", "genealogy_source", "word_order", "word_order_source"),
    *("morphology", "morphology_source", "fusion", "fusion_source", *CORPORA),
)
SOURCE_COLUMNS = ("key", "columns", "citation", "url", "version")


@functools.cache
def all_languages() -> tuple[Language, ...]:
    """Every language of the table, ordered by id."""
    return read_table(TABLE, read_sources(SOURCES))


@functools.cache
def sources() -> Mapping[str, Source]:
    """Every work cited by the table, by key."""
    return read_sources(SOURCES)


def get(language: str, *, where: str | Path = "") -> Language:
    """The language with this id, e.g. ``get("swa-Latn")``.

    Raises:
        UnknownName: no such id; the message names the nearest, or the id that a benchmark's code stands for.
    """
    known = _by_id()
    if language in known:
        return known[language]
    if meant := _meant(language):
        raise UnknownName("language", language, (), where=where, hint=f"its id is {meant.id!r}")
    raise UnknownName("language", language, known, where=where, hint=_LIST)


def from_code(code: str, system: str, *, where: str | Path = "") -> Language:
    """The language that a benchmark files under ``code``.

    Args:
        code: e.g. ``sw`` (``xtreme``) or ``swh`` (``iso639_3``). Variants are accepted too, such as the code of
            the macrolanguage and that of its individual language (``est`` and ``ekk``).
        system: one of `SYSTEMS`.
        where: the file or key that named the code, for the message.

    Raises:
        UnknownName: no such system, or no such code in it; the message names the nearest.
    """
    if system not in SYSTEMS:
        raise UnknownName("code system", system, SYSTEMS, where=where)
    known = codes_of(system)
    if code in known:
        return known[code]
    noun = f"{system} code of a language"
    if (meant := _meant(code)) and system in meant.codes:
        hint = f"{meant.name} is {meant.codes[system]!r}"
        raise UnknownName(noun, code, (), where=where, hint=hint)
    raise UnknownName(noun, code, known, where=where, hint=_LIST)


def _meant(given: str) -> Language | None:
    """The language of an id, or of a code of any system: what a user who confuses them had in mind."""
    found = _by_id().get(given)
    for system in SYSTEMS:
        found = found or codes_of(system).get(given)
    return found


_LIST = "`xstilts list languages` shows them all"


@functools.cache
def _by_id() -> Mapping[str, Language]:
    return {language.id: language for language in all_languages()}


@functools.cache
def codes_of(system: str) -> Mapping[str, Language]:
    """Every code of one system, with its variants, and the language that it stands for."""
    if system not in CODE_COLUMNS:
        return {each.codes[system]: each for each in all_languages() if system in each.codes}
    column, _ = CODE_COLUMNS[system]
    return {code: get(row["id"]) for _, row in _rows(TABLE, COLUMNS) for code in row[column].split()}


def read_sources(path: Path) -> dict[str, Source]:
    """Parses ``sources.tsv``.

    Raises:
        DataError: a malformed row, by file and line.
    """
    found: dict[str, Source] = {}
    for line, row in _rows(path, SOURCE_COLUMNS):
        if not row["key"] or row["key"] in found:
            raise DataError(f"empty or repeated source key {row['key']!r}", file=path, line=line)
        columns = tuple(row.pop("columns").split())
        found[row["key"]] = Source(columns=columns, **row)
    return found


def read_table(path: Path, cited: Mapping[str, Source]) -> tuple[Language, ...]:
    """Parses ``table.tsv``; ``cited`` are the sources that its rows may name.

    Raises:
        DataError: a malformed row (form of a code, value outside its set, fact without a source, repeated id
            or code), by file and line.
    """
    whole = sourced_as_a_whole(cited)
    languages: list[Language] = []
    taken: dict[tuple[str, str], int] = {}
    for line, row in _rows(path, COLUMNS):
        try:
            languages.append(language_of(row, cited, whole))
        except ValueError as error:
            raise DataError(str(error), file=path, line=line) from None
        for claim in claims(row):
            if claim in taken:
                raise DataError(f"{claim[0]} {claim[1]!r} is that of line {taken[claim]}", file=path, line=line)
            taken[claim] = line
    return tuple(sorted(languages, key=lambda language: language.id))


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        header = next(reader, [])
        if tuple(header) != columns:
            raise DataError(f"columns {header} instead of {list(columns)}", file=path, line=1)
        for cells in reader:
            if len(cells) != len(columns):
                message = f"{len(cells)} cells instead of {len(columns)}"
                raise DataError(message, file=path, line=reader.line_num, hint="cells are separated by tabs")
            yield reader.line_num, dict(zip(columns, cells, strict=True))
