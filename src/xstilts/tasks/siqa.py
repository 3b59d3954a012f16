"""Social IQA: why people do what they do, and how others take it; XCOPA's first training set in XTREME-R."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading import choices
from xstilts.reading.examples import Choice
from xstilts.reading.identify import digest
from xstilts.reading.tables import read_rows
from xstilts.reading.text import read_lines
from xstilts.tasks.task import Hub, Local, Task

ANSWERS = ("answerA", "answerB", "answerC")
LETTERS = ("A", "B", "C")
NUMBERS = ("1", "2", "3")
BESIDE = "-labels.lst"
"""How the labels end that the leaderboard's files have beside them, one number a line."""


def read(file: Path, language: str) -> Iterator[Choice]:
    """The questions of one file: labels in it (XTREME's ``socialIQa_v1.4``), or in a list beside it.

    Raises:
        DataError: a field that is missing or empty, a label that is not known, another number of labels.
    """
    if file.name.endswith(BESIDE):
        return  # read with the questions that it belongs to
    rows = list(read_rows(file, "jsonl"))
    beside = file.with_name(file.stem + BESIDE)
    labels = _labels(beside, len(rows)) if beside.is_file() else None
    for position, row in enumerate(rows):
        choices.texts(row, ("context", "question", *ANSWERS))
        label = choices.gold(row, "correct", LETTERS) if labels is None else labels[position]
        yield _choice(row.cells, label)


def read_row(row: Mapping[str, Any], language: str) -> Choice:
    """A row of the hub, whose labels count from 1."""
    return _choice(row, choices.index(row, "label", NUMBERS))


def _labels(file: Path, questions: int) -> list[int]:
    lines = read_lines(file)
    if len(lines) != questions:
        raise DataError(f"{len(lines)} labels for {questions} questions", file=file)
    for number, line in enumerate(lines, start=1):
        if line.strip() not in NUMBERS:
            raise DataError(f"label {line.strip()!r} is not one of {', '.join(NUMBERS)}", file=file, line=number)
    return [NUMBERS.index(line.strip()) for line in lines]


def _choice(row: Mapping[str, Any], label: int | None) -> Choice:
    return Choice(
        example_id="",
        cluster_id=digest(row["context"]),
        prompt=f"{row['context']} {row['question']}",
        choices=tuple(row[name] for name in ANSWERS),
        label=label,
    )


_FOLDERS = ("siqa", "siqa/socialIQa_v1.4", "socialIQa_v1.4")
_LEADERBOARD = "socialiqa-train-dev"

TASK = Task(
    title="Social IQA",
    kind="multiple_choice",
    metric="accuracy",
    languages=("eng-Latn",),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={
            "train": (
                *(f"{folder}/socialIQa_v1.4_trn.jsonl" for folder in _FOLDERS),
                (f"{_LEADERBOARD}/train.jsonl", f"{_LEADERBOARD}/train{BESIDE}"),
            ),
            "dev": (
                *(f"{folder}/socialIQa_v1.4_dev.jsonl" for folder in _FOLDERS),
                (f"{_LEADERBOARD}/dev.jsonl", f"{_LEADERBOARD}/dev{BESIDE}"),
            ),
            "test": tuple(f"{folder}/socialIQa_v1.4_tst.jsonl" for folder in _FOLDERS),
        },
        read=read,
    ),
    hub=Hub(
        repository="allenai/social_i_qa",
        config=None,
        branch="refs/convert/parquet",
        splits={"train": "train", "dev": "validation"},
        read_row=read_row,
    ),
    # Card of allenai/social_i_qa.
    sizes={"train": 33_410, "dev": 1_954},
    paper="https://arxiv.org/abs/1904.09728",
    homepage="https://maartensap.github.io/social-iqa/",
    notes="dev is evaluated: the leaderboard keeps test back, though XTREME's download holds its labels",
)
