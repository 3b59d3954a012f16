"""Pairs with an empty text: left out of training sets and counted, refused with their line elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data.discovery import discover, read
from xstilts.errors import DataError
from xstilts.reading import notes, pairs

LABELS = ("0", "1")


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def headed(rows: list[tuple[str, str]]) -> str:
    lines = (f"{number}\t{first}\t{second}\t1" for number, (first, second) in enumerate(rows))
    return "\n".join(["id\tsentence1\tsentence2\tlabel", *lines]) + "\n"


def objects(rows: list[tuple[str, str]]) -> str:
    return "\n".join(json.dumps({"sentence1": first, "sentence2": second, "label": 1}) for first, second in rows)


def translated(rows: list[tuple[str, str]]) -> str:
    return "".join(f"en\ten\t{first}\t{second}\t1\n" for first, second in rows)


def plain(rows: list[tuple[str, str]]) -> str:
    return "".join(f"{first}\t{second}\t1\n" for first, second in rows)


ROWS = [("Er geht.", "Er ging."), ("", ""), ("Er geht.", " "), ("\u00a0", "Er ging."), ("NS", "NS")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("translated_train.tsv", headed(ROWS)),
        ("train.jsonl", objects(ROWS)),
        ("en-de-translated.tsv", translated(ROWS)),
        ("train-en.tsv", plain(ROWS)),
    ],
)
def test_a_training_set_leaves_them_out(tmp_path: Path, name: str, content: str) -> None:
    file = write(tmp_path / name, content)
    with notes.collected() as found:
        kept = [(one.first, one.second) for one in pairs.read(file, labels=LABELS)]
    assert kept == [ROWS[0], ROWS[4]]
    (note,) = found
    assert note == f"{name}:{3 if name.startswith('translated') else 2}: pairs with an empty text: 3, left out"


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [("dev_2k.tsv", headed(ROWS), 3), ("test.jsonl", objects(ROWS), 2), ("test-de.tsv", plain(ROWS), 2)],
)
def test_elsewhere_they_are_refused(tmp_path: Path, name: str, content: str, line: int) -> None:
    with pytest.raises(DataError, match=rf"{name}:{line}: an empty sentence"):
        list(pairs.read(write(tmp_path / name, content), labels=LABELS))


def test_more_than_a_few_are_a_mistake(tmp_path: Path) -> None:
    rows = [("Er geht.", "Er ging.")] * 20 + [("Er geht.", "")] * 11
    with pytest.raises(DataError, match=r"train\.tsv:22: an empty sentence, as in 11 of 31 pairs"):
        list(pairs.read(write(tmp_path / "train.tsv", headed(rows)), labels=LABELS))


@pytest.mark.parametrize("value", [None, 5, ["x"], {}])
def test_a_text_is_a_text(tmp_path: Path, value: object) -> None:
    file = write(tmp_path / "dev.jsonl", json.dumps({"premise": "Er geht.", "hypothesis": value, "label": "1"}))
    with pytest.raises(DataError, match=r"dev\.jsonl:1: (a text is expected, not|an empty sentence)"):
        list(pairs.read(file, labels=LABELS))


def test_torn_rows_are_counted(tmp_path: Path) -> None:
    rows = [("Er geht.", "Er ging.")] * 150
    torn = translated(rows).replace("en\ten\tEr geht.", "en\ten\tEr\n geht.", 1)
    with notes.collected() as found:
        assert len(list(pairs.read(write(tmp_path / "en-de-translated.tsv", torn), labels=LABELS))) == 149
    (note,) = found
    assert note == "en-de-translated.tsv:1: rows that a line break tears, so that they lack columns: 2, left out"


def test_anli_checks_them_too(tmp_path: Path) -> None:
    row = {"uid": "1", "context": "Er geht.", "hypothesis": "", "label": "e"}
    whole = {**row, "hypothesis": "Er ging."}
    for number in ("R1", "R2", "R3"):
        write(tmp_path / f"anli_v1.0/{number}/train.jsonl", json.dumps(row) + "\n" + json.dumps(whole))
        write(tmp_path / f"anli_v1.0/{number}/dev.jsonl", json.dumps(row))
    task = registry.find("tasks", "anli")
    found = discover(task, tmp_path)
    assert len(read(task, found.of("train", "eng-Latn"), "eng-Latn")) == 3
    with pytest.raises(DataError, match=r"dev\.jsonl:1: an empty sentence"):
        read(task, found.of("dev", "eng-Latn"), "eng-Latn")


@pytest.mark.parametrize("label", ["-1", "hidden", "", "null"])
def test_hidden_labels_are_none(tmp_path: Path, label: str) -> None:
    file = write(tmp_path / "test.tsv", f"sentence1\tsentence2\tlabel\nEr geht.\tEr ging.\t{label}\n")
    assert [one.label for one in pairs.read(file, labels=LABELS)] == [None]


def test_pairs_without_agreement_are_counted(tmp_path: Path) -> None:
    file = write(tmp_path / "train.tsv", "sentence1\tsentence2\tgold_label\na\tb\t-\na\tb\t1\n")
    with notes.collected() as found:
        assert len(list(pairs.read(file, labels=LABELS))) == 1
    assert found == ["train.tsv: pairs on which annotators did not agree ('-'): 1, left out"]
