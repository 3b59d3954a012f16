"""Encodings and line ends: what programs write is understood and said, everything else is refused with the line."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
from pathlib import Path

import pytest

from xstilts.errors import DataError
from xstilts.reading import bitext, conll, jsonl, notes, pairs, plain, text

LABELS = ("entailment", "neutral", "contradiction")
ROWS = "Grün ist es.\tEs regnet.\tneutral\nΗ πόλη\tдом\tentailment\n"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def said(file: Path) -> list[str]:
    with notes.collected() as found:
        list(pairs.read(file, labels=LABELS))
    return found


@pytest.mark.parametrize(
    ("mark", "encoding", "note"),
    [
        (codecs.BOM_UTF8, "utf-8", ""),
        (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 by its byte-order mark"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 by its byte-order mark"),
        (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32 by its byte-order mark"),
        (b"", "utf-16-le", "UTF-16 without a byte-order mark"),
        (b"", "utf-16-be", "UTF-16 without a byte-order mark"),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_spreadsheets_write_reads_as_utf_8_does(
    tmp_path: Path, mark: bytes, encoding: str, note: str, ends: str
) -> None:
    plain_file = write(tmp_path / "dev-de.tsv", ROWS)
    file = write(tmp_path / "dev-el.tsv", mark + ROWS.replace("\n", ends).encode(encoding))
    assert list(pairs.read(file, labels=LABELS)) == list(pairs.read(plain_file, labels=LABELS))
    assert [note in one for one in said(file)] == [True] * bool(note)


def test_cut_utf_16_names_the_line(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", codecs.BOM_UTF16_LE + "eins\nzwei".encode("utf-16-le") + b"\x00\xd8")
    with pytest.raises(DataError, match=r"a\.txt:2: byte .* is not UTF-16"):
        text.read_text(file)


@pytest.mark.parametrize("content", [b"eins\nzw\0ei\n", b"eins\nzwei" + b"\0" * 3 + b"\n"])
def test_nul_bytes_in_utf_8_are_damage(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match=r"a\.txt:2: a NUL character"):
        text.read_text(write(tmp_path / "a.txt", content))


def test_latin_1_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.txt:2: byte 0xfc at offset 6 is not UTF-8 .*iconv"):
        text.read_text(write(tmp_path / "a.txt", "eins\nfünf\n".encode("latin-1")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "pointer of Git LFS.*git lfs pull"),
        (b"PK\x03\x04\x14", "spreadsheet .*save the table as CSV"),
        (b"PAR1\x15", "Parquet"),
        (bz2.compress(b"a\n"), "bzip2.*unpack it"),
        (lzma.compress(b"a\n"), "packed with xz"),
        (b"<!DOCTYPE html><html>", "a web page"),
    ],
)
def test_what_is_no_data_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        text.read_text(write(tmp_path / "a.tsv", content))


def test_gzip_under_another_name(tmp_path: Path) -> None:
    file = write(tmp_path / "dev-de.tsv", gzip.compress(ROWS.encode()))
    assert len(list(pairs.read(file, labels=LABELS))) == 2
    assert said(file) == ["dev-de.tsv: packed with gzip, which its name does not say; it was unpacked"]


def test_damaged_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(ROWS.encode() * 50)
    broken = [whole[:-20], whole[: len(whole) // 2], whole[:3]]
    for place in range(10, len(whole) - 8, 3):
        broken.append(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
    for number, content in enumerate(broken):
        file = write(tmp_path / f"{number}.jsonl.gz", content)
        with pytest.raises(DataError, match=rf"{number}\.jsonl\.gz"):
            list(jsonl.objects(file))


def test_a_link_to_itself_and_a_folder(tmp_path: Path) -> None:
    link = tmp_path / "a.txt"
    link.symlink_to(link)
    with pytest.raises(DataError, match=r"a\.txt: cannot be read: Too many levels of symbolic links"):
        text.read_text(link)
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        text.read_text(tmp_path)
    with pytest.raises(DataError, match="cannot be read: File name too long"):
        text.read_text(tmp_path / ("n" * 300))


@pytest.mark.parametrize("last", ["", "\r"])
def test_lines_that_end_in_a_carriage_return_alone(tmp_path: Path, last: str) -> None:
    rows = ROWS.rstrip("\n").replace("\n", "\r") + last
    assert len(list(pairs.read(write(tmp_path / "dev-de.tsv", rows), labels=LABELS))) == 2
    words = write(tmp_path / "a.conll", "Bonn\tB-LOC\ram\tO\r\rRhein\tB-LOC" + last)
    assert [one.tokens for one in conll.read(words)] == [("Bonn", "am"), ("Rhein",)]
    lines = write(tmp_path / "de.txt", "eins\rzwei" + last)
    assert [one.text for one in plain.read(lines, "deu-Latn")] == ["eins", "zwei"]
    other = write(tmp_path / "en.txt", "one\ntwo\n")
    assert bitext.aligned({"a": lines, "b": other}) == {"a": ["eins", "zwei"], "b": ["one", "two"]}
    objects = write(tmp_path / "a.jsonl", '{"a": 1}\r{"a": 2}' + last)
    assert [row for _, row in jsonl.objects(objects)] == [{"a": 1}, {"a": 2}]
    assert "understood as line ends" in said(tmp_path / "dev-de.tsv")[0]


def test_line_ends_of_two_kinds_are_refused_where_a_line_is_a_word(tmp_path: Path) -> None:
    file = write(tmp_path / "a.conll", "Bonn\tB-LOC\nam\tO\rRhein\tB-LOC\n")
    with pytest.raises(DataError, match=r"a\.conll:2: a carriage return within the line"):
        list(conll.read(file))


def test_a_carriage_return_within_a_text_is_left_alone(tmp_path: Path) -> None:
    assert text.read_lines(write(tmp_path / "a.txt", "eins\rzwei\ndrei\r\n")) == ["eins\rzwei", "drei"]
    assert text.read_lines(write(tmp_path / "b.txt", "eins\r\n")) == ["eins"]
    assert text.read_lines(write(tmp_path / "c.txt", "")) == []
