"""Reading the two files of the languages room: one row adds a language, a malformed row is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from xstilts.errors import DataError
from xstilts.languages.language import Source
from xstilts.languages.table import COLUMNS, SOURCE_COLUMNS, SOURCES, TABLE, read_sources, read_table

ATLAS = Source(
    key="atlas",
    columns=("family", "genus", "word_order"),
    citation="An atlas",
    url="https://example.org",
    version="1",
)
PAPER = Source(key="paper", columns=("morphology", "codes"), citation="A paper", url="https://example.org", version="2")
BANK = Source(key="bank", columns=("fusion",), citation="A bank", url="https://example.org", version="3")
CORPUS = Source(key="cc100", columns=("pretraining",), citation="A corpus", url="https://example.org", version="4")
CITED = {"atlas": ATLAS, "paper": PAPER, "bank": BANK, "cc100": CORPUS}
ROW = {
    "id": "xyz-Latn",
    "name": "Xyzish",
    "own_name": "xyẓ",
    "iso639_3": "xyz",
    "xtreme": "xy",
    "tatoeba": "xyz xyy",
    "benchmarks": "xtreme iglue",
    "family": "Xyzic",
    "genus": "Core Xyzic",
    "genealogy_source": "atlas",
    "word_order": "OVS",
    "word_order_source": "atlas",
    "morphology": "polysynthetic",
    "morphology_source": "paper",
    "grambank": "xyzi1234",
    "fusion": "10.5/50",
    "fusion_source": "bank",
    "cc100": "1.5",
}


def _write(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    lines = ["\t".join(columns), *("\t".join(row.get(column, "") for column in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_one_row_is_one_language(tmp_path: Path) -> None:
    (language,) = read_table(_write(tmp_path / "table.tsv", ROW), CITED)
    assert (language.id, language.iso639_3, language.script) == ("xyz-Latn", "xyz", "Latn")
    assert language.codes == {"xtreme": "xy", "iso639_3": "xyz", "iglue": "xy"}
    assert language.benchmarks == ("xtreme", "iglue")
    assert (language.word_order, language.morphology) == ("OVS", "polysynthetic")
    assert language.sources["morphology"] == (PAPER,)
    assert language.sources["codes"] == (PAPER,)
    assert language.sources["genus"] == (ATLAS,)
    assert (language.glottocode, language.fusion, language.pretraining) == ("xyzi1234", 0.21, {"cc100": 1.5})
    assert (language.sources["fusion"], language.sources["pretraining"]) == ((BANK,), (CORPUS,))


def test_what_is_not_known_stays_empty(tmp_path: Path) -> None:
    bare = {column: ROW[column] for column in ("id", "name", "iso639_3", "xtreme", "tatoeba")}
    (language,) = read_table(_write(tmp_path / "table.tsv", bare), CITED)
    assert (language.family, language.genus, language.word_order, language.morphology) == (None,) * 4
    assert "family" not in language.sources
    assert language.benchmarks == ()
    assert "iglue" not in language.codes
    assert (language.glottocode, language.fusion, language.pretraining) == (None, None, {})
    assert not {"fusion", "pretraining"} & set(language.sources)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "xy-Latn"}, "ISO 15924"),
        ({"id": "xyz-latn"}, "ISO 15924"),
        ({"iso639_3": "xyy"}, "differs from the id"),
        ({"name": ""}, "name is empty"),
        ({"xtreme": "XY"}, "xtreme 'XY'"),
        ({"xtreme": ""}, "xtreme ''"),
        ({"tatoeba": "xy"}, "tatoeba 'xy'"),
        ({"benchmarks": "glue"}, "benchmark 'glue' is none of xtreme"),
        ({"word_order": "SOVV"}, "word_order 'SOVV' is none of SOV"),
        ({"morphology": "analytic"}, "morphology 'analytic' is none of isolating"),
        ({"morphology_source": ""}, "morphology 'polysynthetic' has no source"),
        ({"genealogy_source": ""}, "family 'Xyzic' has no source"),
        ({"word_order_source": "hearsay"}, "'hearsay' is not in sources.tsv"),
        ({"word_order_source": "paper"}, "word_order was not read in 'paper'"),
        ({"grambank": "xyz"}, "grambank 'xyz' is not a Glottocode"),
        ({"fusion": "0.21"}, "fusion '0.21' is not points, a slash"),
        ({"fusion": "51/50"}, "fusion '51/50' is not points, a slash"),
        ({"fusion_source": ""}, "fusion '10.5/50' has no source"),
        ({"cc100": "0"}, "cc100 '0' is not a size above zero"),
        ({"mc4": "1"}, "the source of mc4 is not in sources.tsv"),
    ],
)
def test_a_malformed_row_is_named_with_file_and_line(tmp_path: Path, change: dict[str, str], message: str) -> None:
    good = {"id": "abc-Cyrl", "name": "Abcish", "iso639_3": "abc", "xtreme": "ab", "tatoeba": "abc"}
    path = _write(tmp_path / "table.tsv", good, {**ROW, **change})
    with pytest.raises(DataError, match=message) as caught:
        read_table(path, CITED)
    assert (caught.value.file, caught.value.line) == (str(path), 3)
    assert str(caught.value).startswith(f"{path}:3: ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "id 'xyz-Latn' is that of line 2"),
        ({"id": "xyz-Cyrl"}, "xtreme code 'xy' is that of line 2"),
        ({"id": "xyz-Cyrl", "xtreme": "xz"}, "tatoeba code 'xyz' is that of line 2"),
    ],
)
def test_ids_and_codes_may_not_repeat(tmp_path: Path, change: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_table(_write(tmp_path / "table.tsv", ROW, {**ROW, **change}), CITED)


def test_too_few_cells_and_wrong_columns_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "table.tsv", ROW)
    path.write_text(path.read_text(encoding="utf-8") + "abc-Latn Abcish abc\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"table.tsv:3: 1 cells instead of 20 \(cells are separated by tabs\)"):
        read_table(path, CITED)
    with pytest.raises(DataError, match=r"table.tsv:1: columns"):
        read_table(_write(tmp_path / "table.tsv", ROW, columns=COLUMNS[:-1]), CITED)
    (tmp_path / "table.tsv").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match=r"table.tsv:1: columns"):
        read_table(tmp_path / "table.tsv", CITED)


def test_sources_may_not_repeat_or_lack_a_key(tmp_path: Path) -> None:
    row = {"key": "atlas", "columns": "family genus", "citation": "c", "url": "u", "version": "v"}
    found = read_sources(_write(tmp_path / "sources.tsv", row, columns=SOURCE_COLUMNS))
    assert found["atlas"].columns == ("family", "genus")
    for bad in (row, {**row, "key": ""}):
        with pytest.raises(DataError, match=r"sources.tsv:3: empty or repeated source key"):
            read_sources(_write(tmp_path / "sources.tsv", row, bad, columns=SOURCE_COLUMNS))


def test_adding_a_language_to_the_shipped_table_is_one_row(tmp_path: Path) -> None:
    shipped = TABLE.read_text(encoding="utf-8")
    row = ["qaa-Latn", "Newish", "", "qaa", "qaa", "qaa"] + [""] * (len(COLUMNS) - 6)
    path = tmp_path / "table.tsv"
    path.write_text(shipped + "\t".join(row) + "\n", encoding="utf-8")
    more = read_table(path, read_sources(SOURCES))
    assert {each.id for each in more} - {each.id for each in read_table(TABLE, read_sources(SOURCES))} == {"qaa-Latn"}
