"""CommonsenseQA: which of five concepts answers a question; an intermediate task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading.choices import index
from xstilts.reading.examples import Choice
from xstilts.reading.jsonl import field, objects
from xstilts.reading.labels import no_gold
from xstilts.tasks.task import Hub, Local, Task


def read(file: Path, language: str) -> Iterator[Choice]:
    """The questions of one file of upstream's; ``answerKey`` is missing where it is hidden.

    Raises:
        DataError: a field that is missing, an answer that is none of the choices; with the line.
    """
    for line, row in objects(file):
        question = field(row, "question", file=file, line=line)
        stem = field(question, "stem", file=file, line=line, where="question")
        given = field(question, "choices", file=file, line=line, where="question")
        if not isinstance(stem, str) or not isinstance(given, list) or len(given) < 2:
            raise DataError("question must hold a text as stem and a list of choices", file=file, line=line)
        named = {name: [field(one, name, file=file, line=line) for one in given] for name in ("label", "text")}
        if not all(isinstance(one, str) and one.strip() for its in named.values() for one in its):
            raise DataError("the label and the text of a choice must be texts", file=file, line=line)
        if not no_gold(row.get("answerKey"), named["label"]) and row["answerKey"] not in named["label"]:
            raise DataError(
                f"answerKey {row['answerKey']!r} is not one of {', '.join(named['label'])}", file=file, line=line
            )
        yield read_row(
            {"id": row.get("id", ""), "question": stem, "choices": named, "answerKey": row.get("answerKey")},
            language,
        )


def read_row(row: Mapping[str, Any], language: str) -> Choice:
    """A row of the hub, whose ``answerKey`` is empty where it is hidden."""
    return Choice(
        example_id=str(row["id"]),
        cluster_id="",
        prompt=row["question"],
        choices=tuple(row["choices"]["text"]),
        label=index(row, "answerKey", row["choices"]["label"]),
    )


_FILES = {"train": "train_rand_split", "dev": "dev_rand_split", "test": "test_rand_split_no_answers"}

TASK = Task(
    title="CommonsenseQA",
    kind="multiple_choice",
    metric="accuracy",
    languages=("eng-Latn",),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={
            split: tuple(f"{folder}/{name}.jsonl" for folder in ("commonsense_qa", "commonsenseqa", "csqa"))
            for split, name in _FILES.items()
        },
        read=read,
    ),
    hub=Hub(repository="tau/commonsense_qa", config=None, read_row=read_row),
    # Card of tau/commonsense_qa.
    sizes={"train": 9_741, "dev": 1_221, "test": 1_140},
    licence="MIT",
    paper="https://arxiv.org/abs/1811.00937",
    homepage="https://www.tau-nlp.org/commonsenseqa",
    notes="the random split; test labels are hidden, so dev is evaluated",
)
