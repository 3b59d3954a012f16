"""JCommonsenseQA (JGLUE): which of five concepts answers a question, in Japanese, not translated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xstilts.reading import choices
from xstilts.reading.examples import Choice
from xstilts.reading.tables import read_rows
from xstilts.tasks.series import jglue
from xstilts.tasks.task import Local, Task

CHOICES = ("choice0", "choice1", "choice2", "choice3", "choice4")
LABELS = ("0", "1", "2", "3", "4")


def read(file: Path, language: str) -> Iterator[Choice]:
    """The questions of one file.

    Raises:
        DataError: a field that is missing or empty, a label that is not known; with the line.
    """
    for row in read_rows(file, "jsonl"):
        question, *given = choices.texts(row, ("question", *CHOICES))
        yield Choice(
            example_id=str(row.cells.get("q_id", "")),
            cluster_id="",
            prompt=question,
            choices=tuple(given),
            label=choices.gold(row, "label", LABELS),
        )


TASK = Task(
    title="JCommonsenseQA",
    kind="multiple_choice",
    metric="accuracy",
    source_language="jpn-Jpan",
    languages=("jpn-Jpan",),
    local=Local(patterns=jglue.patterns("jcommonsenseqa"), read=read),
    # README of yahoojapan/JGLUE.
    sizes={"train": 8_939, "dev": 1_119, "test": 1_118},
    licence="CC BY-SA 4.0",
    paper="https://aclanthology.org/2022.lrec-1.317",
    homepage="https://github.com/yahoojapan/JGLUE",
)
