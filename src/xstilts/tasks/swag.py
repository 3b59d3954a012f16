"""SWAG: which of four endings continues a video's caption; an intermediate task, HellaSwag's forerunner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading import choices, csv_rows
from xstilts.reading.examples import Choice
from xstilts.reading.tables import TableRow
from xstilts.tasks.task import Hub, Local, Task

ENDINGS = ("ending0", "ending1", "ending2", "ending3")
LABELS = ("0", "1", "2", "3")


def read(file: Path, language: str) -> Iterator[Choice]:
    """The rows of one regular (not ``full``) file, whose first column numbers the rows and has no name.

    Raises:
        DataError: no header, a column that is missing or empty, a label that is not known; with the line.
    """
    rows = csv_rows.rows(file)
    first = next(rows, None)
    if first is None:
        raise DataError("the file is empty; its first line must name the columns", file=file)
    header = [name or "row" for name in first[1]]
    for number, (line, cells) in enumerate(rows, start=1):
        row = TableRow(file, number, line, dict(zip(header, cells, strict=True)))
        choices.texts(row, ("sent1", "sent2", *ENDINGS))
        choices.gold(row, "label", LABELS)
        yield read_row(row.cells, language)


def read_row(row: Mapping[str, Any], language: str) -> Choice:
    """A row of a file or of the hub: the second sentence's beginning is part of each choice, as in BERT's setup."""
    return Choice(
        example_id="",
        cluster_id=str(row.get("video-id", "")),
        prompt=row["sent1"],
        choices=tuple(f"{row['sent2']} {row[name]}" for name in ENDINGS),
        label=choices.index(row, "label", LABELS),
    )


TASK = Task(
    title="SWAG",
    kind="multiple_choice",
    metric="accuracy",
    languages=("eng-Latn",),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={
            split: (f"swag/{name}.csv", f"swag/data/{name}.csv", f"swagaf/data/{name}.csv")
            for split, name in (("train", "train"), ("dev", "val"), ("test", "test"))
        },
        read=read,
    ),
    hub=Hub(repository="allenai/swag", config="regular", read_row=read_row),
    # Card of allenai/swag.
    sizes={"train": 73_546, "dev": 20_006, "test": 20_005},
    paper="https://arxiv.org/abs/1808.05326",
    homepage="https://rowanzellers.com/swag/",
    notes="test labels are hidden, so dev is evaluated",
)
