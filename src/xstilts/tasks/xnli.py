"""XNLI: does the premise entail the hypothesis, in 15 languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts import languages
from xstilts.errors import UnknownName
from xstilts.reading import pairs
from xstilts.reading.examples import Classified
from xstilts.reading.published import ids
from xstilts.tasks.task import Hub, Local, Task

LABELS = ("entailment", "neutral", "contradiction")
"""In the order of the integers that the hub's copy uses."""


def read(file: Path, language: str) -> Iterator[Classified]:
    """The pairs of one file; two columns where the labels are hidden; of upstream's, those in one language."""
    code = _code(language) if file.name.startswith("xnli.") else None
    return pairs.read(file, labels=LABELS, rename={"contradictory": "contradiction"}, code=code)


def _code(language: str) -> str:
    """How upstream's files write a language."""
    try:
        return languages.get(language).code("xtreme")
    except UnknownName:
        return language.partition("-")[0]


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


FOLDERS = ("XNLI-1.0", "xnli/XNLI-1.0")
"""Where upstream's own files are, which hold all languages."""

TASK = Task(
    title="XNLI",
    kind="pair_classification",
    metric="accuracy",
    labels=LABELS,
    languages=ids("ar bg de el en es fr hi ru sw th tr ur vi zh"),
    train_on="mnli",
    parallel=True,
    local=Local(
        patterns={
            split: (
                f"xnli/{split}-{{code}}.tsv",
                *(f"{folder}/xnli.{split}.{form}" for form in ("tsv", "jsonl") for folder in FOLDERS),
            )
            for split in ("dev", "test")
        },
        read=read,
        within=pairs.languages_of,
        unread={"XNLI-15way/xnli.15way.orig.tsv": "it has no labels; dev and test are in XNLI-1.0"},
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
