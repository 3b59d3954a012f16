"""PAWS-Wiki: the English training set of PAWS-X."""

from __future__ import annotations

from xstilts.tasks.pawsx import LABELS, WORDING, read, read_row
from xstilts.tasks.task import Hub, Local, Task

TASK = Task(
    title="PAWS-Wiki",
    kind="pair_classification",
    version=2,
    metric="accuracy",
    labels=LABELS,
    wording=WORDING,
    languages=("eng-Latn",),
    local=Local(
        patterns={
            "train": ("pawsx/train-{code}.tsv", "x-final/{code}/train.tsv", "paws/final/train.tsv", "paws/train.tsv"),
            "dev": ("paws/final/dev.tsv", "paws/dev.tsv"),
            "test": ("paws/final/test.tsv", "paws/test.tsv"),
        },
        read=read,
    ),
    hub=Hub(
        repository="google/xtreme",
        config="PAWS-X.{code}",
        splits={"train": "train", "dev": "validation", "test": "test"},
        read_row=read_row,
    ),
    sizes={"train": 49_401},
    licence="free for any purpose, attribution to Google LLC appreciated",
    paper="https://arxiv.org/abs/1904.01130",
    homepage="https://github.com/google-research-datasets/paws",
)
