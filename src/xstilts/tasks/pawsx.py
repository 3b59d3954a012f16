"""PAWS-X: are the two sentences paraphrases, in 7 languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.reading import pairs
from xstilts.reading.examples import Classified
from xstilts.reading.published import ids
from xstilts.tasks.task import Hub, Local, Task, Wording

LABELS = ("0", "1")
"""1: a paraphrase."""

WORDING = Wording(prefix="paws", first="sentence1", second="sentence2", labels=("different_meaning", "paraphrase"))
"""mT5's (google-research/multilingual-t5, ``tasks.py``)."""


def read(file: Path, language: str) -> Iterator[Classified]:
    """The pairs of one file: XTREME's three columns, or upstream's four with a header."""
    return pairs.read(file, labels=LABELS)


def read_row(row: Mapping[str, Any], language: str) -> Classified:
    """A row of XTREME on the hub."""
    return Classified(
        example_id="", cluster_id="", first=row["sentence1"], second=row["sentence2"], label=str(row["label"])
    )


TASK = Task(
    title="PAWS-X",
    kind="pair_classification",
    metric="accuracy",
    labels=LABELS,
    wording=WORDING,
    languages=ids("de en es fr ja ko zh"),
    train_on="paws",
    parallel=True,
    local=Local(
        patterns={
            "dev": ("pawsx/dev-{code}.tsv", "x-final/{code}/dev_2k.tsv"),
            "test": ("pawsx/test-{code}.tsv", "x-final/{code}/test_2k.tsv"),
        },
        read=read,
    ),
    hub=Hub(
        repository="google/xtreme",
        config="PAWS-X.{code}",
        splits={"dev": "validation", "test": "test"},
        read_row=read_row,
    ),
    sizes={"dev": 2_000, "test": 2_000},
    licence="free for any purpose, attribution to Google LLC appreciated",
    paper="https://arxiv.org/abs/1908.11828",
    homepage="https://github.com/google-research-datasets/paws/tree/master/pawsx",
    notes="the hub's copy lost a few rows of dev and test in es, fr and ko: row i is the same only in local files",
)
