"""One row of `table.tsv` as a language: form of its codes, closed sets, and the sources of its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from xstilts.languages.language import BENCHMARKS, CORPORA, MORPHOLOGIES, WORD_ORDERS, Language, Source

CITED = {
    "family": "genealogy_source",
    "genus": "genealogy_source",
    "word_order": "word_order_source",
    "morphology": "morphology_source",
    "fusion": "fusion_source",
}
"""Where each typological column names its sources; everything else is sourced as a whole."""
CODE_COLUMNS = {"xtreme": ("xtreme", r"[a-z]{2,3}"), "iso639_3": ("tatoeba", r"[a-z]{3}")}
"""The column of each code system that ``from_code`` looks up, and the form of its codes."""
_SOURCED_AS_A_WHOLE = ("id", "name", "own_name", "iso639_3", "script", "codes", "benchmarks")
_CLOSED: Mapping[str, tuple[str, ...]] = {"word_order": WORD_ORDERS, "morphology": MORPHOLOGIES}
_ID = re.compile(r"(?P<language>[a-z]{3})-(?P<script>[A-Z][a-z]{3})")
_SHARE = re.compile(r"(?P<points>\d+(?:\.5)?)/(?P<features>[1-9]\d*)")
_SIZE = re.compile(r"\d+(?:\.\d+)?")
_GLOTTOCODE = re.compile(r"[a-z0-9]{4}\d{4}")


def sourced_as_a_whole(cited: Mapping[str, Source]) -> dict[str, tuple[Source, ...]]:
    """The sources of every column that no row names sources for."""
    return {fact: tuple(source for source in cited.values() if fact in source.columns) for fact in _SOURCED_AS_A_WHOLE}


def language_of(
    row: Mapping[str, str], cited: Mapping[str, Source], whole: Mapping[str, tuple[Source, ...]]
) -> Language:
    """The language of a row.

    Raises:
        ValueError: what is wrong with the row.
    """
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
        own_name=row["own_name"] or None,
        iso639_3=row["iso639_3"],
        script=match["script"],
        codes=_codes(row, benchmarks),
        family=row["family"] or None,
        genus=row["genus"] or None,
        morphology=row["morphology"] or None,
        word_order=row["word_order"] or None,
        benchmarks=benchmarks,
        glottocode=_glottocode(row),
        fusion=_fusion(row),
        pretraining=(sizes := _sizes(row)),
        sources={**_known(whole, row), **_cell_sources(row, cited), **_corpora(sizes, cited)},
    )


def _known(whole: Mapping[str, tuple[Source, ...]], row: Mapping[str, str]) -> dict[str, tuple[Source, ...]]:
    """The sources of what the row has: a language that CLDR does not have has no name of its own from there."""
    return {fact: works for fact, works in whole.items() if fact != "own_name" or row["own_name"]}


def _glottocode(row: Mapping[str, str]) -> str | None:
    code = row["grambank"]
    if code and not _GLOTTOCODE.fullmatch(code):
        raise ValueError(f"grambank {code!r} is not a Glottocode")
    return code or None


def _fusion(row: Mapping[str, str]) -> float | None:
    """Of a cell such as ``18/61``: the points of the features that are bound, and how many features were judged."""
    if not row["fusion"]:
        return None
    match = _SHARE.fullmatch(row["fusion"])
    if not match or float(match["points"]) > int(match["features"]):
        raise ValueError(f"fusion {row['fusion']!r} is not points, a slash and the number of features")
    return float(match["points"]) / int(match["features"])


def _sizes(row: Mapping[str, str]) -> dict[str, float]:
    sizes = {}
    for corpus in CORPORA:
        if not row[corpus]:
            continue
        if not _SIZE.fullmatch(row[corpus]) or float(row[corpus]) <= 0:
            raise ValueError(f"{corpus} {row[corpus]!r} is not a size above zero")
        sizes[corpus] = float(row[corpus])
    return sizes


def _corpora(sizes: Iterable[str], cited: Mapping[str, Source]) -> dict[str, tuple[Source, ...]]:
    """The sources of pretraining sizes, which are called as their corpora are."""
    found = []
    for corpus in sizes:
        if corpus not in cited:
            raise ValueError(f"the source of {corpus} is not in sources.tsv")
        found.append(cited[corpus])
    return {"pretraining": tuple(found)} if found else {}


def _codes(row: Mapping[str, str], benchmarks: Iterable[str]) -> dict[str, str]:
    codes = {}
    for system, (column, form) in CODE_COLUMNS.items():
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
            raise ValueError(f"{source_column} {unknown[0]!r} is not in sources.tsv")
        if not row[column]:
            continue
        if not keys:
            raise ValueError(f"{column} {row[column]!r} has no source in {source_column}")
        if elsewhere := [key for key in keys if column not in cited[key].columns]:
            raise ValueError(f"{column} was not read in {elsewhere[0]!r}, says sources.tsv")
        found[column] = tuple(cited[key] for key in keys)
    return found


def claims(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Id and codes, which no two rows may share."""
    yield "id", row["id"]
    for column, _ in CODE_COLUMNS.values():
        yield from ((f"{column} code", code) for code in row[column].split())
