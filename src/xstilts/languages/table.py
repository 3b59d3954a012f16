"""Reads the table of languages: `table.tsv` (one row per language) and `sources.tsv` (one row per work).

Both are parsed at first use with the csv module alone: listing languages must cost milliseconds.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from xstilts.errors import DataError, UnknownName
from xstilts.languages.language import BENCHMARKS, MORPHOLOGIES, SYSTEMS, WORD_ORDERS, Language, Source

TABLE = Path(__file__).with_name("table.tsv")
SOURCES = Path(__file__).with_name("sources.tsv")

COLUMNS = (
    *("id", "name", "iso639_3", "xtreme", "tatoeba", "wals", "benchmarks"),
    *("family", "genus", "genealogy_source", "word_order", "word_order_source"),
    *("morphology", "morphology_source"),
)
SOURCE_COLUMNS = ("key", "columns", "citation", "url", "version")

# Where each typological column names its sources; everything else is sourced as a whole.
CITED = {
    "family": "genealogy_source",
    "genus": "genealogy_source",
    "word_order": "word_order_source",
    "morphology": "morphology_source",
}
_SOURCED_AS_A_WHOLE = ("id", "name", "iso639_3", "script", "codes", "benchmarks")
_CLOSED: Mapping[str, tuple[str, ...]] = {"word_order": WORD_ORDERS, "morphology": MORPHOLOGIES}
_ID = re.compile(r"(?P<language>[a-z]{3})-(?P<script>[A-Z][a-z]{3})")
# The column of each code system that `from_code` looks up, and the form of its codes.
_CODE_COLUMNS = {"xtreme": ("xtreme", r"[a-z]{2,3}"), "iso639_3": ("tatoeba", r"[a-z]{3}")}


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
    if system not in _CODE_COLUMNS:
        return {each.codes[system]: each for each in all_languages() if system in each.codes}
    column, _ = _CODE_COLUMNS[system]
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
    whole = {fact: _sources_of(fact, cited) for fact in _SOURCED_AS_A_WHOLE}
    languages: list[Language] = []
    taken: dict[tuple[str, str], int] = {}
    for line, row in _rows(path, COLUMNS):
        try:
            languages.append(_language(row, cited, whole))
        except ValueError as error:
            raise DataError(str(error), file=path, line=line) from None
        for claim in _claims(row):
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


def _language(row: Mapping[str, str], cited: Mapping[str, Source], whole: Mapping[str, tuple[Source, ...]]) -> Language:
    match = _ID.fullmatch(row["id"])
    if not match:
        raise ValueError(f"id {row['id']!r} is not an ISO 639-3 code, a hyphen and an ISO 15924 code")
    if row["iso639_3"] not in ("", match["language"]):
        raise ValueError(f"iso639_3 {row['iso639_3']!r} differs from the id {row['id']!r}")
    if not row["name"]:
        raise ValueError("the name is empty")
    for column, allowed in _CLOSED.items():
        if row[column] and row[column] not in allowed:
            raise ValueError(f"{column} {row[column]!r} is none of {', '.join(allowed)}")
    benchmarks = tuple(row["benchmarks"].split())
    for benchmark in benchmarks:
        if benchmark not in BENCHMARKS:
            raise ValueError(f"benchmark {benchmark!r} is none of {', '.join(BENCHMARKS)}")
    return Language(
        id=row["id"],
        name=row["name"],
        iso639_3=row["iso639_3"],
        script=match["script"],
        codes=_codes(row, benchmarks),
        family=row["family"] or None,
        genus=row["genus"] or None,
        morphology=row["morphology"] or None,
        word_order=row["word_order"] or None,
        benchmarks=benchmarks,
        sources={**whole, **_cell_sources(row, cited)},
    )


def _codes(row: Mapping[str, str], benchmarks: Iterable[str]) -> dict[str, str]:
    codes = {}
    for system, (column, form) in _CODE_COLUMNS.items():
        written = row[column].split()
        if not written or not all(re.fullmatch(form, code) for code in written):
            raise ValueError(f"{column} {row[column]!r} is not one or more codes of the form {form}")
        codes[system] = written[0]  # the first is what files are named by; the others are accepted
    return codes | ({"iglue": codes["xtreme"]} if "iglue" in benchmarks else {})


def _cell_sources(row: Mapping[str, str], cited: Mapping[str, Source]) -> dict[str, tuple[Source, ...]]:
    found = {}
    for column, source_column in CITED.items():
        keys = row[source_column].split()
        if unknown := [key for key in keys if key not in cited]:
            raise ValueError(f"{source_column} {unknown[0]!r} is not in {SOURCES.name}")
        if not row[column]:
            continue
        if not keys:
            raise ValueError(f"{column} {row[column]!r} has no source in {source_column}")
        if elsewhere := [key for key in keys if column not in cited[key].columns]:
            raise ValueError(f"{column} was not read in {elsewhere[0]!r}, says {SOURCES.name}")
        found[column] = tuple(cited[key] for key in keys)
    return found


def _sources_of(fact: str, cited: Mapping[str, Source]) -> tuple[Source, ...]:
    return tuple(source for source in cited.values() if fact in source.columns)


def _claims(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "id", row["id"]
    for column, _ in _CODE_COLUMNS.values():
        yield from ((f"{column} code", code) for code in row[column].split())
