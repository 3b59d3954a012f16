"""Cosmos QA: the likely reason in an everyday story, as one of four answers; an intermediate task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.reading import choices
from xstilts.reading.examples import Choice
from xstilts.reading.identify import digest
from xstilts.reading.tables import read_rows
from xstilts.tasks.task import Hub, Local, Task

ANSWERS = ("answer0", "answer1", "answer2", "answer3")
LABELS = ("0", "1", "2", "3")


def read(file: Path, language: str) -> Iterator[Choice]:
    """The questions of one file: CSV, or JSON lines without labels (test).

    Raises:
        DataError: a field that is missing or empty, a label that is not known; with the line.
    """
    for row in read_rows(file, "csv" if file.suffix == ".csv" else "jsonl"):
        choices.texts(row, ("context", "question", *ANSWERS))
        choices.gold(row, "label", LABELS)
        yield read_row(row.cells, language)


def read_row(row: Mapping[str, Any], language: str) -> Choice:
    """A row of a file or of the hub, which writes -1 for a hidden label."""
    return Choice(
        example_id=str(row.get("id", "")),
        cluster_id=digest(row["context"]),
        prompt=f"{row['context']} {row['question']}",
        choices=tuple(row[name] for name in ANSWERS),
        label=choices.index(row, "label", LABELS),
    )


TASK = Task(
    title="Cosmos QA",
    kind="multiple_choice",
    metric="accuracy",
    languages=("eng-Latn",),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={
            "train": ("cosmosqa/data/train.csv", "cosmosqa/train.csv", "cosmos_qa/train.csv"),
            "dev": ("cosmosqa/data/valid.csv", "cosmosqa/valid.csv", "cosmos_qa/valid.csv"),
            "test": ("cosmosqa/data/test.jsonl", "cosmosqa/test.jsonl", "cosmos_qa/test.jsonl"),
        },
        read=read,
    ),
    hub=Hub(repository="allenai/cosmos_qa", config=None, branch="refs/convert/parquet", read_row=read_row),
    # Card of allenai/cosmos_qa.
    sizes={"train": 25_262, "dev": 2_985, "test": 6_963},
    max_length=256,
    licence="CC BY 4.0",
    paper="https://arxiv.org/abs/1909.00277",
    homepage="https://wilburone.github.io/cosmos/",
    notes="test labels are hidden, so dev is evaluated",
)
