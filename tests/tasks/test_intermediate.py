"""Readers of the intermediate tasks: every published form, and a message for every damage."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data import open_labels
from xstilts.data.discovery import discover, read
from xstilts.errors import DataError
from xstilts.reading.examples import Choice, Classified, Example, Tagged
from xstilts.tasks.task import Task

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "tasks"
Put = Callable[[str, str], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(name: str, text: str) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write


def of(name: str, *files: Path, language: str = "eng-Latn") -> list[Example]:
    return read(registry.find("tasks", name), files, language)


def fixture(name: str, split: str, language: str = "eng-Latn") -> list[Example]:
    task: Task = registry.find("tasks", name)
    return read(task, discover(task, FIXTURES / name).of(split, language), language)


def labels(examples: list[Example]) -> list[object]:
    return [example.label for example in examples if isinstance(example, Classified | Choice)]


# Pairs.


def test_pairs_without_agreement_are_left_out() -> None:
    assert labels(fixture("snli", "train")) == labels(fixture("snli", "dev"))
    assert len(fixture("ocnli", "dev", "zho-Hani")) == 5


def test_labels_as_upstream_spells_them() -> None:
    expected = ["entailment", "neutral", "contradiction", "entailment", "contradiction"]
    assert labels(fixture("indonli", "train", "ind-Latn")) == expected
    assert labels(fixture("indonli", "test", "ind-Latn")) == expected
    assert labels(fixture("jnli", "train", "jpn-Jpan")) == expected
    assert labels(fixture("xnli_translated", "train", "deu-Latn")) == expected


def test_rounds_of_anli_are_kept() -> None:
    examples = fixture("anli", "train")
    assert [example.example_id[:3] for example in examples] == ["R1:", "R1:", "R2:", "R2:", "R3:", "R3:"]
    assert labels(examples)[:3] == ["contradiction", "entailment", "neutral"]


def test_a_round_is_told_by_its_folder(put: Put) -> None:
    row = {"uid": "u", "context": "a", "hypothesis": "b", "label": "e"}
    assert labels(of("anli", put("R3/train.jsonl", json.dumps(row)))) == ["entailment"]
    with pytest.raises(DataError, match="one of R1, R2, R3, not 'R4'"):
        of("anli", put("R4/train.jsonl", json.dumps(row)))
    with pytest.raises(DataError, match=r"train.jsonl:1: label 'x' is not one of e, n, c"):
        of("anli", put("R1/train.jsonl", json.dumps({**row, "label": "x"})))
    with pytest.raises(DataError, match=r"no field 'context'.*there are: uid, premise"):
        of("anli", put("R2/train.jsonl", json.dumps({"uid": "u", "premise": "a"})))


@pytest.mark.parametrize(("name", "label"), [("xnli_translated", "neutral"), ("pawsx_translated", "0")])
def test_translated_by_xtreme(name: str, label: str, put: Put) -> None:
    rows = [f'a "raw" quote {i}\tb\tein "rohes" {i}\tnoch eins\t{label}' for i in range(120)]
    file = put("en-de-translated.tsv", "\n".join([*rows, "torn by a", "line break\tb\tc\td\te\tf"]))
    with pytest.raises(DataError, match=r"en-de-translated.tsv:121: 1 tab-separated column where 5 are expected"):
        of(name, file, language="deu-Latn")
    file = put("en-de-translated.tsv", "\n".join([*rows, "torn by a line break"]))
    examples = of(name, file, language="deu-Latn")
    assert len(examples) == 120
    assert isinstance(examples[0], Classified)
    assert (examples[0].first, examples[0].second, examples[0].label) == ('ein "rohes" 0', "noch eins", label)


def test_torn_rows_of_qqp(put: Put) -> None:
    head = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"
    whole = "".join(f"{i}\t1\t2\tWhy {i}?\tHow?\t{i % 2}\n" for i in range(200))
    torn = "200\t1\t2\tA question with\na break?\tHow?\t1\n"
    examples = of("qqp", put("train.tsv", head + whole + torn))
    assert labels(examples) == ["0", "1"] * 100
    with pytest.raises(DataError, match=r"train.tsv:2: 4 tab-separated columns where 6 are expected"):
        of("qqp", put("train.tsv", head + torn))
    with pytest.raises(DataError, match=r"train.tsv:1: no column 'question1'; there are: a, b"):
        of("qqp", put("train.tsv", "a\tb\n1\t2\n"))
    with pytest.raises(DataError, match=r"train.tsv:2: label '2' is not one of 0, 1"):
        of("qqp", put("train.tsv", head + "1\t1\t2\tWhy?\tHow?\t2\n"))
    assert labels(fixture("qqp", "test")) == [None] * 5


# Choices.


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("cosmos_qa", "eng-Latn", [0, 1, 2, 0, 3]),
        ("commonsense_qa", "eng-Latn", [0, 1, 2, 3, 4]),
        ("siqa", "eng-Latn", [0, 1, 2, 0, 1]),
        ("swag", "eng-Latn", [0, 1, 2, 3, 0]),
        ("jcommonsenseqa", "jpn-Jpan", [0, 1, 2, 3, 4]),
    ],
)
def test_which_choice_is_right(name: str, language: str, expected: list[int]) -> None:
    task: Task = registry.find("tasks", name)
    found = discover(task, FIXTURES / name)
    assert labels(fixture(name, "train", language)) == labels(fixture(name, "dev", language)) == expected
    if task.test_split != "test" and found.of("test", language):
        assert labels(fixture(name, "test", language)) == [None] * 5


def test_prompts() -> None:
    cosmos, swag = fixture("cosmos_qa", "dev")[2], fixture("swag", "dev")[0]
    assert isinstance(cosmos, Choice)
    assert isinstance(swag, Choice)
    assert cosmos.prompt == "I baked for hours .\nThe cake fell on the floor . How did I feel ?"
    assert (swag.prompt, swag.choices[0]) == ("The diver stands on the board.", "He jumps into the pool.")
    assert len(swag.choices) == 4


@pytest.mark.parametrize(
    ("name", "file", "text", "message"),
    [
        ("cosmos_qa", "v.csv", "id,context,question\n1,a,b\n", r"v.csv:2: no field 'answer0'; there are: id, context"),
        ("cosmos_qa", "v.csv", "", "the file is empty"),
        ("jcommonsenseqa", "v.json", '{"question": "q", "choice0": ""}\n', r"v.json:1: choice0 must be a text, not ''"),
        ("siqa", "v.jsonl", '{"context": "a", "question": "b", "answer_A": "c"}', r"no field 'answerA'.*did you mean"),
        ("commonsense_qa", "v.jsonl", '{"question": {"choices": []}}', "no field 'stem'"),
        ("commonsense_qa", "v.jsonl", '{"question": {"stem": "q", "choices": [1]}}', "a list of choices"),
        ("swag", "v.csv", ",sent1,sent2\n0,a,b\n", "no field 'ending0'"),
    ],
)
def test_damaged_choices(name: str, file: str, text: str, message: str, put: Put) -> None:
    with pytest.raises(DataError, match=message):
        of(name, put(file, text))


def test_labels_that_are_no_choice(put: Put) -> None:
    row = {"context": "a", "question": "b", "answerA": "c", "answerB": "d", "answerC": "e", "correct": "D"}
    with pytest.raises(DataError, match=r"t.jsonl:1: correct 'D' is not one of A, B, C"):
        of("siqa", put("t.jsonl", json.dumps(row)))
    question = {"stem": "q", "choices": [{"label": "A", "text": "a"}, {"label": "B", "text": "b"}]}
    with pytest.raises(DataError, match=r"t.jsonl:1: answerKey 'C' is not one of A, B"):
        of("commonsense_qa", put("t.jsonl", json.dumps({"question": question, "answerKey": "C"})))


def test_labels_beside_the_questions(put: Put) -> None:
    row = {"context": "a", "question": "b", "answerA": "c", "answerB": "d", "answerC": "e"}
    file = put("dev.jsonl", f"{json.dumps(row)}\n" * 2)
    beside = put("dev-labels.lst", "3\n1\n")
    assert labels(of("siqa", file, beside)) == [2, 0]
    put("dev-labels.lst", "3\n")
    with pytest.raises(DataError, match=r"dev-labels.lst: 1 labels for 2 questions"):
        of("siqa", file, beside)
    put("dev-labels.lst", "3\n4\n")
    with pytest.raises(DataError, match=r"dev-labels.lst:2: label '4' is not one of 1, 2, 3"):
        of("siqa", file, beside)


# Supertags.

DERIVATION = (
    r"(<T S[dcl] 0 2> (<T NP 0 1> (<L N NNP NNP Anna N>) ) (<T S[dcl]\NP 0 2> "
    r"(<L (S[dcl]\NP)/NP VBZ VBZ sees (S[dcl]\NP_1)/NP_2>) (<L NP PRP PRP it NP>) ) )"
)


def test_derivations_of_ccgbank(put: Put) -> None:
    file = put("wsj_0201.auto", f"ID=wsj_0201.1 PARSER=GOLD NUMPARSE=1\n{DERIVATION}\n")
    (example,) = of("ccg", file)
    assert isinstance(example, Tagged)
    assert example.tokens == ("Anna", "sees", "it")
    assert example.tags == ("N", "(S[dcl]\\NP)/NP", "NP")
    with pytest.raises(DataError, match=r"x.auto:2: a derivation without words"):
        of("ccg", put("x.auto", "ID=1\nnonsense\n"))


def test_other_forms_of_supertags_read_alike(put: Put) -> None:
    splits = [fixture("ccg", split) for split in ("train", "dev", "test")]
    assert [[(e.tokens, e.tags) for e in split if isinstance(e, Tagged)] for split in splits[1:]] == [
        [(e.tokens, e.tags) for e in splits[0] if isinstance(e, Tagged)]
    ] * 2
    (piped,) = of("ccg", put("train.tag", "Anna|N sleeps|S[dcl]\\NP"))
    assert isinstance(piped, Tagged)
    assert piped.tags == ("N", "S[dcl]\\NP")
    with pytest.raises(DataError, match=r"train.tag:1: 'sleeps' is not word\|supertag"):
        of("ccg", put("train.tag", "Anna|N sleeps"))
    with pytest.raises(DataError, match=r"ccg.train:2: 2 words and 1 supertags"):
        of("ccg", put("ccg.train", "Anna sleeps\tN S[dcl]\\NP\nTom sings\tN\n"))


def test_rare_supertags_are_one_label() -> None:
    examples = fixture("ccg", "train")
    found = open_labels.labels_of(examples, 4)
    assert found == (".", "N", "rare")
    closed = open_labels.closed(examples, found)
    first = closed[0]
    assert isinstance(first, Tagged)
    assert first.tags == ("N", "rare", ".")
    assert first.tokens == ("Anna", "sleeps", ".")
    assert open_labels.closed([*closed], found) == closed
    hidden = Tagged(example_id="", cluster_id="", tokens=("a",), tags=None)
    assert open_labels.closed([hidden], found) == [hidden]
