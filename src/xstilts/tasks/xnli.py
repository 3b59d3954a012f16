"""XNLI: does the premise entail the hypothesis, in 15 languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.reading import pairs
from xstilts.reading.examples import Classified
from xstilts.reading.published import ids
from xstilts.tasks.task import Hub, Local, Task

LABELS = ("entailment", "neutral", "contradiction")
"""In the order of the integers that the hub's copy uses."""


def read(file: Path, language: str) -> Iterator[Classified]:
    """The pairs of one file; two columns where the labels are hidden."""
    return pairs.read(file, labels=LABELS, rename={"contradictory": "contradiction"})


def read_row(row: Mapping[str, Any], language: str) -> Classified | None:
    """A row of the hub's copy; -1 marks a pair without gold, which is left out."""
    if row["label"] == -1:
        return None
    return Classified(
        example_id="",
        cluster_id="",
        first=row["premise"],
        second=row["hypothesis"],
        label=LABELS[row["label"]],
    )


TASK = Task(
    title="XNLI",
    kind="pair_classification",
    metric="accuracy",
    labels=LABELS,
    languages=ids("ar bg de el en es fr hi ru sw th tr ur vi zh"),
    train_on="mnli",
    parallel=True,
    local=Local(
        patterns={"dev": ("xnli/dev-{code}.tsv",), "test": ("xnli/test-{code}.tsv",)},
        read=read,
    ),
    hub=Hub(
        repository="facebook/xnli",
        splits={"dev": "validation", "test": "test"},
        read_row=read_row,
    ),
    sizes={"dev": 2_490, "test": 5_010},
    licence="CC BY-NC",
    paper="https://arxiv.org/abs/1809.05053",
    homepage="https://github.com/facebookresearch/XNLI",
)
