"""Where JSON enters, its strings and numbers are checked once: nothing that no other reader could pass on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data.discovery import read
from xstilts.errors import DataError
from xstilts.reading import jsonl


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "schade \\ud83d"}', r"a\.jsonl:2: text: \\ud83d is half of a character"),
        ('{"text": "\\uDE00 schade"}', r"a\.jsonl:2: text: \\ude00"),
        ('{"text": "\\ud83d\\ud83d"}', "text"),
        ('{"te\\ud83dxt": "a"}', r"a\.jsonl:2: a key of the object"),
        ('{"a": [{"b": ["x", "\\ud83d"]}]}', r"a\[0\]\.b\[1\]: "),
        ('{"a": {"\\ud83d": 1}}', "a key of a: "),
    ],
)
def test_half_of_a_surrogate_pair(tmp_path: Path, line: str, message: str) -> None:
    file = write(tmp_path / "a.jsonl", '{"text": "gut \\ud83d\\ude00"}\n' + line + "\n")
    with pytest.raises(DataError, match=message):
        list(jsonl.objects(file))
    with pytest.raises(DataError, match="half of a character"):
        jsonl.document(write(tmp_path / "a.json", line))


def test_a_document_names_the_line_of_the_half(tmp_path: Path) -> None:
    content = '{"data": [\n {"context": "\\ud83d\\ude00 gut"},\n {"context": "cut \\ud83d"}\n]}'
    with pytest.raises(DataError, match=r"a\.json:3: data\[1\]\.context: "):
        jsonl.document(write(tmp_path / "a.json", content))


def test_whole_pairs_and_escaped_backslashes_are_text(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", '{"a": "\\ud83d\\ude00 \\\\ud83d"}')
    assert list(jsonl.objects(file)) == [(1, {"a": "\U0001f600 \\ud83d"})]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested too deep"),
        ("9" * 4_301, "an integer of more than 4,300 digits"),
        ("-" + "9" * 10_000, "an integer of more than 4,300 digits"),
    ],
)
def test_numbers_and_nesting_without_end(tmp_path: Path, value: str, message: str) -> None:
    with pytest.raises(DataError, match=rf"a\.jsonl:1: .*{message}"):
        list(jsonl.objects(write(tmp_path / "a.jsonl", f'{{"a": {value}}}')))
    with pytest.raises(DataError, match=message):
        jsonl.document(write(tmp_path / "a.json", f'{{"a": {value}}}'))


def test_a_key_with_two_values(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl:1: the key 'label' occurs twice with different values"):
        list(jsonl.objects(write(tmp_path / "a.jsonl", '{"label": 0, "text": "a", "label": 1}')))
    same = write(tmp_path / "b.jsonl", '{"label": 0, "label": 0, "x": NaN, "x": NaN}')
    ((_, row),) = jsonl.objects(same)
    assert json.dumps(row) == '{"label": 0, "x": NaN}'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sentence_breaks": [[0]]}, "pairs of a start and an end"),
        ({"sentence_breaks": [["0", "9"]]}, "pairs of a start and an end"),
        ({"sentence_breaks": [None]}, "pairs of a start and an end"),
        ({"sentences": [["Bern"]]}, "texts are expected"),
        ({"sentences": []}, "0 sentences and 1 breaks"),
    ],
)
def test_sentences_of_a_paragraph(tmp_path: Path, change: dict[str, object], message: str) -> None:
    qas = [{"id": "1", "question": "Wo?", "answers": [{"text": "Bern", "answer_start": 3}]}]
    paragraph = {"context": "in Bern.", "sentences": ["in Bern."], "sentence_breaks": [[0, 8]], "qas": qas}
    task = registry.find("tasks", "lareqa")
    whole = write(tmp_path / "de.json", json.dumps({"data": [{"paragraphs": [paragraph]}]}))
    assert read(task, [whole], "deu-Latn")
    broken = write(tmp_path / "en.json", json.dumps({"data": [{"paragraphs": [{**paragraph, **change}]}]}))
    with pytest.raises(DataError, match=rf"en\.json: data\[0\]\.paragraphs\[0\].*{message}"):
        read(task, [broken], "eng-Latn")
