"""MultiCheckList as lines of JSON: each task reads its own test, and what is not a case is refused with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data.discovery import discover, read
from xstilts.errors import DataError
from xstilts.reading.examples import Question
from xstilts.tasks.series.multichecklist import TESTS
from xstilts.tasks.task import Task

ROW = {"test": TESTS["animals"], "case": 3, "context": "Ida has a goat.", "question": "What animal?", "answer": "goat"}


def read_rows(folder: Path, *rows: object, test: str = "animals") -> list[Question]:
    file = folder / "multichecklist" / "de.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    task: Task = registry.find("tasks", f"multichecklist_{test}")
    found = discover(task, folder)
    assert found.languages("test") == ("deu-Latn",)
    examples = read(task, found.of("test", "deu-Latn"), "deu-Latn")
    return [example for example in examples if isinstance(example, Question)]


def test_every_test_of_upstream_is_a_task_that_reads_it_alone(tmp_path: Path) -> None:
    rows = [{**ROW, "test": name, "case": test} for test, name in TESTS.items()]
    for test in TESTS:
        assert [example.cluster_id for example in read_rows(tmp_path, *rows, test=test)] == [test]


def test_the_questions_of_a_case_are_a_cluster(tmp_path: Path) -> None:
    other = {**ROW, "case": "4", "answer": "Ziege"}
    first, second, third = read_rows(tmp_path, ROW, {**ROW, "question": "Who?", "answer": "Ida"}, other)
    assert [first.example_id, second.example_id, third.example_id] == ["3:0", "3:1", "4:0"]
    assert (first.cluster_id, second.cluster_id, third.cluster_id) == ("3", "3", "4")
    assert first.answers is not None
    assert (first.answers[0].start, first.context[first.answers[0].start :]) == (10, "goat.")
    assert third.answers is not None
    assert third.answers[0].start == -1  # not a piece of the text: it counts all the same


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({**ROW, "test": "Animals vs Vehicle"}, r"de.jsonl:2: unknown test 'Animals vs Vehicle'"),
        ({**ROW, "answer": " "}, "de.jsonl:2: answer is ' '; a text is expected"),
        ({**ROW, "answer": 5}, "de.jsonl:2: answer is 5; a text is expected"),
        ({name: value for name, value in ROW.items() if name != "case"}, "de.jsonl:2: no field 'case'"),
        ({name: value for name, value in ROW.items() if name != "context"}, "de.jsonl:2: no field 'context'"),
        ([1], "de.jsonl:2: a JSON object is expected, not list"),
    ],
)
def test_what_is_no_case(row: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=words):
        read_rows(tmp_path, ROW, row)


def test_a_test_that_was_not_exported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no examples of MultiCheckList: very and somewhat in deu-Latn"):
        read_rows(tmp_path, ROW, test="intensifiers")
