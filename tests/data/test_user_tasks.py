"""Tasks that an experiment writes out: columns, labels, formats, and what their errors say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xstilts.data.discovery import discover, read
from xstilts.data.user_tasks import UserTask, user_task
from xstilts.errors import ConfigError, DataError, UnknownName
from xstilts.pipeline.node import canonical
from xstilts.reading.examples import Choice, Classified, Question, Tagged

NLI = ["entailment", "neutral", "contradiction"]


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


def make(file: Path, kind: str, **spec: Any) -> UserTask:
    return user_task("mine", {"files": [file.name], "kind": kind, **spec}, [file])


def examples(file: Path, kind: str, **spec: Any) -> list[Any]:
    task = make(file, kind, **spec)
    return read(task, discover(task, None).of("train", task.source_language), task.source_language)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'premise,hypothesis,label\n"Rain, again.",It rains.,entailment\nSun.,Rain.,contradiction\n'),
        ("a.tsv", "Premise\tHypothesis\tgold_label\nRain, again.\tIt rains.\tentailment\nSun.\tRain.\tcontradiction\n"),
        ("a.csv", 'label,sentence1,sentence2\n0,"Rain, again.",It rains.\n2,Sun.,Rain.\n'),
        (
            "a.jsonl",
            '{"sentence1": "Rain, again.", "sentence2": "It rains.", "label": 0}\n'
            '{"sentence1": "Sun.", "sentence2": "Rain.", "label": 2}\n',
        ),
        (
            "a.json",
            '[{"text1": "Rain, again.", "text2": "It rains.", "label": "entailment"},'
            ' {"text1": "Sun.", "text2": "Rain.", "label": "contradiction"}]',
        ),
        (
            "a.json",
            '{"question": "Rain, again.", "sentence": "It rains.", "label": "entailment"}\n'
            '{"question": "Sun.", "sentence": "Rain.", "label": "contradiction"}\n',
        ),
    ],
)
def test_pairs_by_default_columns(tmp_path: Path, name: str, content: str) -> None:
    found = examples(write(tmp_path / name, content), "pair_classification", labels=NLI)
    assert [(one.first, one.second, one.label) for one in found] == [
        ("Rain, again.", "It rains.", "entailment"),
        ("Sun.", "Rain.", "contradiction"),
    ]
    assert [one.example_id for one in found] == ["0", "1"]


def test_a_mapping(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "q1,q2,y,premise\nA?,B?,yes,x\n")
    (one,) = examples(
        file, "pair_classification", columns={"first": "q1", "second": "q2", "label": "y"}, labels=["yes", "no"]
    )
    assert (one.first, one.second, one.label) == ("A?", "B?", "yes")


def test_single_sentences(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "text,label\nFine.,true\nBad.,false\n")
    task = make(file, "single_classification")
    assert task.labels == ("false", "true")
    assert "labels found in the files: false, true" in discover(task, None).notes[0]
    (first, _) = read(task, [file], "eng-Latn")
    assert first == Classified(example_id="0", cluster_id=first.cluster_id, first="Fine.", label="true")
    boolean = write(tmp_path / "b.jsonl", '{"sentence": "Fine.", "label": true}\n')
    assert (
        examples(boolean, "single_classification", columns={"text": "sentence"}, labels=[False, True])[0].label
        == "true"
    )


def test_several_files_are_one_set(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", "premise,hypothesis,label\nSame.,One.,neutral\n")
    second = write(tmp_path / "b.tsv", "sentence1\tsentence2\tlabel\nSame.\tTwo.\tneutral\n")
    task = user_task("mine", {"kind": "pair_classification", "labels": NLI}, [first, second], dev=[second])
    found = discover(task, tmp_path)
    assert found.of("train", "eng-Latn") == (first, second)
    assert found.of("dev", "eng-Latn") == (second,)
    assert task.test_split == "dev"
    one, two = read(task, found.of("train", "eng-Latn"), "eng-Latn")
    assert one.cluster_id == two.cluster_id
    assert one.example_id != two.example_id


@pytest.mark.parametrize(
    ("content", "spec", "message"),
    [
        ("a,b,label\nx,y,neutral\n", {}, r"a\.csv: no column found for 'first'; the file has a, b, label"),
        (
            "premise,hypothesis,label\nx,y,neutral\n",
            {"columns": {"first": "premis"}},
            r"no column 'premis' for 'first'; the file has premise, hypothesis, label \(did you mean 'premise'\?\)",
        ),
        ("premise,hypothesis\nx,y\n", {}, r"no column found for 'label'"),
        ("premise,hypothesis,label\nx,y,neutral\nx,y,maybe\n", {}, r"a\.csv:3: label 'maybe' is not one of entailment"),
        ("premise,hypothesis,label\nx,y,0\nx,y,3\n", {}, r"a\.csv:3: label 3 is beyond the 3 labels"),
        ("premise,hypothesis,label\nx,y,0\nx,y,neutral\n", {}, r"a\.csv:2: label '0' is not one of"),
        ("premise,hypothesis,label\nx,,neutral\n", {}, r"a\.csv:2: column 'hypothesis' must hold a text, not ''"),
        ('premise,hypothesis,label\n"x\nz",y,maybe\nx,y,maybe\n', {}, r"a\.csv:2: label 'maybe'"),
        ("premise,hypothesis,label\n", {}, "no rows"),
        ("", {}, "the file is empty"),
        ("premise,premise,label\nx,y,neutral\n", {}, r"a\.csv:1: the header has an empty or repeated name"),
    ],
)
def test_errors_in_the_file(tmp_path: Path, content: str, spec: dict[str, Any], message: str) -> None:
    file = write(tmp_path / "a.csv", content)
    with pytest.raises(DataError, match=message):
        examples(file, "pair_classification", labels=NLI, **spec)


def test_rows_of_a_json_list_have_no_lines(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", '[{"text": "x", "label": "good"}, {"text": "y", "label": "odd"}]')
    with pytest.raises(DataError, match=r"a\.json: row 2: label 'odd' is not one of good, bad"):
        examples(file, "single_classification", labels=["good", "bad"])


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ({"kind": "pair_clasification"}, UnknownName, "did you mean 'pair_classification'"),
        ({}, ConfigError, "task mine: the kind is missing"),
        ({"kind": "tagging", "colums": {}}, UnknownName, "did you mean 'columns'"),
        ({"kind": "tagging", "format": "xlsx"}, UnknownName, "unknown format 'xlsx'"),
        ({"kind": "pair_classification", "columns": {"frist": "a"}}, UnknownName, "did you mean 'first'"),
        ({"kind": "tagging", "language": "en"}, UnknownName, "eng-Latn"),
        ({"kind": "pair_classification", "format": "conll"}, ConfigError, "conll files hold tagging"),
    ],
)
def test_errors_in_the_experiment(tmp_path: Path, spec: dict[str, Any], error: type[Exception], message: str) -> None:
    file = write(tmp_path / "a.csv", "premise,hypothesis,label\nx,y,neutral\n")
    with pytest.raises(error, match=message):
        user_task("mine", spec, [file])


def test_formats_and_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the format of a\.xml is not known \(format: conll\|csv"):
        make(tmp_path / "a.xml", "tagging")
    with pytest.raises(ConfigError, match="no files"):
        user_task("mine", {"kind": "tagging"}, [])
    with pytest.raises(ConfigError, match="cannot be combined"):
        user_task("mine", {"kind": "tagging"}, [tmp_path / "a.conll", tmp_path / "b.csv"])


def test_tagging_from_conll(tmp_path: Path) -> None:
    file = write(tmp_path / "a.conll", "Kofi NNP B-PER\nleft VBD O\n\nNairobi NNP B-LOC\n")
    task = make(file, "tagging")
    assert (task.labels, task.metric) == (("B-LOC", "B-PER", "O"), "span_f1")
    first, _ = read(task, [file], "eng-Latn")
    assert isinstance(first, Tagged)
    assert (first.tokens, first.tags) == (("Kofi", "left"), ("B-PER", "O"))
    pos = make(file, "tagging", columns={"tags": 1})
    assert (pos.labels, pos.metric) == (("NNP", "VBD"), "token_accuracy")
    with pytest.raises(ConfigError, match="columns are numbered from 0"):
        make(file, "tagging", columns={"tags": "pos"})
    with pytest.raises(DataError, match=r"a\.conll:4: tag 'B-LOC' is not one of B-PER, O"):
        examples(file, "tagging", labels=["B-PER", "O"])


def test_tagging_from_tables(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", '{"tokens": ["Kofi", "left"], "ner_tags": [1, 0]}\n')
    (one,) = examples(file, "tagging", labels=["O", "B-PER"])
    assert one.tags == ("B-PER", "O")
    blanks = write(tmp_path / "b.tsv", "words\ttags\nKofi left\tB-PER O\n")
    assert examples(blanks, "tagging")[0].tokens == ("Kofi", "left")
    short = write(tmp_path / "c.tsv", "words\ttags\nKofi left\tB-PER\n")
    with pytest.raises(DataError, match=r"c\.tsv:2: 2 tokens and 1 tags"):
        examples(short, "tagging")


CONTEXT = "In Rome it rains; Rome is wet."


@pytest.mark.parametrize(
    ("row", "answers"),
    [
        ({"answer": "Rome"}, [("Rome", 3)]),
        ({"answer": "Rome", "answer_start": 18}, [("Rome", 18)]),
        ({"answers": {"text": ["Rome"], "answer_start": [18]}}, [("Rome", 18)]),
        ({"answers": [{"text": "Rome", "answer_start": 3}]}, [("Rome", 3)]),
        ({"answers": ["rains", "wet"]}, [("rains", 11), ("wet", 26)]),
        ({"answer": ""}, []),
        ({"answer": "Paris"}, [("Paris", -1)]),
    ],
)
def test_questions_from_tables(tmp_path: Path, row: dict[str, Any], answers: list[tuple[str, int]]) -> None:
    file = write(tmp_path / "a.jsonl", json.dumps({"question": "Where?", "context": CONTEXT, **row}))
    (one,) = examples(file, "extractive_qa", metric="squad_v2")
    assert isinstance(one, Question)
    assert [(answer.text, answer.start) for answer in one.answers or ()] == answers


def test_questions_from_squad_and_csv(tmp_path: Path) -> None:
    qas = [{"id": "a", "question": "Where?", "answers": [{"text": "Rome", "answer_start": 3}]}]
    whole = {"data": [{"paragraphs": [{"context": CONTEXT, "qas": qas}]}]}
    (one,) = examples(write(tmp_path / "a.json", json.dumps(whole)), "extractive_qa")
    assert one.example_id == "a"
    (two,) = examples(
        write(tmp_path / "a.csv", f'question,passage,answer,start\nWhere?,"{CONTEXT}",Rome,18\n'), "extractive_qa"
    )
    assert two.answers[0].start == 18
    with pytest.raises(DataError, match=r"b\.csv:2: answer 'Rome' with start 'x' cannot be read"):
        examples(
            write(tmp_path / "b.csv", f'question,context,answer,start\nWhere?,"{CONTEXT}",Rome,x\n'), "extractive_qa"
        )


@pytest.mark.parametrize(
    ("row", "spec"),
    [
        ({"prompt": "It rains. Why?", "choices": ["a", "b", "c"], "label": 2}, {}),
        ({"ctx": "It rains. Why?", "endings": ["a", "b", "c"], "label": "2"}, {}),
        ({"context": "It rains.", "question": "Why?", "answer0": "a", "answer1": "b", "answer2": "c", "label": 2}, {}),
        ({"question": "It rains. Why?", "choice1": "a", "choice2": "b", "choice3": "c", "label": 2}, {}),
        (
            {"context": "It rains.", "question": "Why?", "answerA": "a", "answerB": "b", "answerC": "c", "label": "C"},
            {"labels": ["A", "B", "C"]},
        ),
        (
            {"q": "It rains. Why?", "o": ["a", "b", "c"], "y": 3},
            {"labels": [1, 2, 3], "columns": {"prompt": "q", "choices": "o", "label": "y"}},
        ),
    ],
)
def test_multiple_choice(tmp_path: Path, row: dict[str, Any], spec: dict[str, Any]) -> None:
    file = write(tmp_path / "a.jsonl", json.dumps(row))
    (one,) = examples(file, "multiple_choice", **spec)
    assert isinstance(one, Choice)
    assert (one.prompt, one.choices, one.label) == ("It rains. Why?", ("a", "b", "c"), 2)


def test_multiple_choice_errors(tmp_path: Path) -> None:
    row = {"prompt": "Why?", "choices": ["a", "b"], "label": 2}
    with pytest.raises(
        DataError, match=r"a\.jsonl:1: label '2' is not a choice: they count from 0 to 1 \(with `labels"
    ):
        examples(write(tmp_path / "a.jsonl", json.dumps(row)), "multiple_choice")
    with pytest.raises(DataError, match="at least two choices"):
        examples(write(tmp_path / "b.jsonl", json.dumps({**row, "choices": ["a"]})), "multiple_choice")


def test_identity_holds_what_changes_the_rows_and_no_path(tmp_path: Path) -> None:
    content = "q1,q2,y\nA?,B?,yes\n"
    columns = {"first": "q1", "second": "q2", "label": "y"}
    one = make(write(tmp_path / "a.csv", content), "pair_classification", labels=["yes", "no"], columns=columns)
    (tmp_path / "other").mkdir()
    two = user_task(
        "another",
        {"kind": "pair_classification", "labels": ["yes", "no"], "columns": columns},
        [write(tmp_path / "other" / "b.csv", content)],
    )
    assert canonical(one.identity()) == canonical(two.identity())
    turned = make(tmp_path / "a.csv", "pair_classification", labels=["no", "yes"], columns=columns)
    assert canonical(one.identity()) != canonical(turned.identity())
    assert str(tmp_path) not in json.dumps(one.identity())
