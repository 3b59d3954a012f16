"""QAMR: English questions on the predicates of one sentence, as SQuAD json; an intermediate task."""

from __future__ import annotations

from xstilts.reading import squad
from xstilts.tasks.task import Local, Task

TASK = Task(
    title="QAMR",
    kind="extractive_qa",
    metric="squad_v1",
    languages=("eng-Latn",),
    local=Local(
        patterns={split: (f"qamr/qamr.{split}.squad.json",) for split in ("train", "dev", "test")},
        read=squad.read,
    ),
    max_length=128,
    licence="MIT",
    paper="https://arxiv.org/abs/1711.05885",
    homepage="https://github.com/uwnlp/qamr",
    notes="answers are spans of the tokenized sentence; upstream's tsv is converted to SQuAD json",
)
