"""Quora Question Pairs: do two questions ask the same; an intermediate task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading import tsv_rows
from xstilts.reading.examples import Classified
from xstilts.reading.labels import check, no_gold
from xstilts.reading.text import read_lines
from xstilts.tasks.task import Hub, Local, Task, Wording

LABELS = ("0", "1")
"""1: a duplicate."""

WORDING = Wording(prefix="qqp", first="question1", second="question2", labels=("not_duplicate", "duplicate"))
"""T5's (arXiv 1910.10683, appendix D)."""


def read(file: Path, language: str) -> Iterator[Classified]:
    """The pairs of one file of GLUE; without ``is_duplicate`` the labels are hidden.

    Raises:
        DataError: a column that is missing, a label that is not known, more than a few torn rows.
    """
    header = next(iter(read_lines(file)), "").split("\t")
    if missing := [name for name in ("question1", "question2") if name not in header]:
        raise DataError(f"no column {missing[0]!r}; there are: {', '.join(header)}", file=file, line=1)
    places = {name: index for index, name in enumerate(header)}
    for line, cells in tsv_rows.whole_rows(file, width=len(header)):
        if line == 1:
            continue
        label = cells[places["is_duplicate"]].strip() if "is_duplicate" in places else ""
        yield Classified(
            example_id="",
            cluster_id="",
            first=cells[places["question1"]],
            second=cells[places["question2"]],
            label=None if no_gold(label) else check(label, LABELS, file=file, line=line),
        )


def read_row(row: Mapping[str, Any], language: str) -> Classified:
    """A row of GLUE on the hub; -1 marks a hidden label."""
    return Classified(
        example_id="",
        cluster_id="",
        first=row["question1"],
        second=row["question2"],
        label=None if row["label"] == -1 else LABELS[row["label"]],
    )


TASK = Task(
    title="QQP",
    kind="pair_classification",
    metric="accuracy",
    labels=LABELS,
    wording=WORDING,
    languages=("eng-Latn",),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={split: (f"QQP/{split}.tsv", f"qqp/{split}.tsv") for split in ("train", "dev", "test")},
        read=read,
    ),
    hub=Hub(repository="nyu-mll/glue", config="qqp", read_row=read_row),
    # Card of nyu-mll/glue.
    sizes={"train": 363_846, "dev": 40_430, "test": 390_965},
    paper="https://arxiv.org/abs/1804.07461",
    homepage="https://data.quora.com/First-Quora-Dataset-Release-Question-Pairs",
    notes=(
        "GLUE's split; test labels are hidden, so dev is evaluated. A few rows of GLUE's files are torn by a line "
        "break in a question: they are left out, as in the hub's copy"
    ),
)
