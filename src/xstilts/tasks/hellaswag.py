"""HellaSwag: which of four endings continues the text; an intermediate task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading.examples import Choice
from xstilts.reading.identify import digest
from xstilts.reading.jsonl import field, objects
from xstilts.reading.labels import no_gold, whole_number
from xstilts.tasks.task import Hub, Local, Task


def read(file: Path, language: str) -> Iterator[Choice]:
    """The rows of one file in file order.

    Raises:
        DataError: a missing field, not four endings, or a label outside 0 to 3; with the line.
    """
    for line, row in objects(file):
        endings = field(row, "endings", file=file, line=line)
        if not isinstance(field(row, "ctx", file=file, line=line), str):
            raise DataError("ctx must be a text", file=file, line=line)
        if not isinstance(endings, list) or len(endings) != 4 or not all(isinstance(e, str) for e in endings):
            raise DataError("endings must be a list of four texts", file=file, line=line)
        if not no_gold(row.get("label")) and whole_number(row["label"]) not in range(4):
            raise DataError(f"label {row['label']!r} is not one of 0, 1, 2, 3", file=file, line=line)
        yield read_row(row, language)


def read_row(row: Mapping[str, Any], language: str) -> Choice:
    """A row of a file or of the hub, which writes labels as texts and an empty one where hidden."""
    label = row.get("label")
    return Choice(
        example_id=str(row.get("ind", "")),
        cluster_id=digest(str(row.get("source_id") or row["ctx"])),
        prompt=row["ctx"],
        choices=tuple(row["endings"]),
        label=None if no_gold(label) else whole_number(label),
    )


TASK = Task(
    title="HellaSwag",
    kind="multiple_choice",
    metric="accuracy",
    languages=("eng-Latn",),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={
            split: (f"hellaswag/hellaswag_{name}.jsonl", f"hellaswag/data/hellaswag_{name}.jsonl")
            for split, name in (("train", "train"), ("dev", "val"), ("test", "test"))
        },
        read=read,
    ),
    hub=Hub(
        repository="Rowan/hellaswag",
        config=None,
        branch="refs/convert/parquet",
        read_row=read_row,
    ),
    sizes={"train": 39_905, "dev": 10_042, "test": 10_003},
    licence="MIT",
    paper="https://arxiv.org/abs/1905.07830",
    homepage="https://rowanzellers.com/hellaswag/",
    notes="test labels are hidden, so dev is evaluated",
)
