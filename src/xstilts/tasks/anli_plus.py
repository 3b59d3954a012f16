"""ANLI+: the union of ANLI, MNLI and SNLI, the largest of the paper's nine intermediate tasks."""

from __future__ import annotations

from xstilts.tasks import anli, mnli, snli
from xstilts.tasks.task import Task
from xstilts.tasks.xnli import LABELS

_PARTS = {"anli": anli.TASK, "mnli": mnli.TASK, "snli": snli.TASK}

TASK = Task(
    title="ANLI+",
    kind="pair_classification",
    metric="accuracy",
    labels=LABELS,
    languages=("eng-Latn",),
    test_split="dev",
    select_on_train=True,
    union=tuple(_PARTS),
    sizes={split: sum(part.sizes[split] for part in _PARTS.values()) for split in ("train", "dev")},
    max_length=256,
    licence="; ".join(f"{part.title}: {part.licence}" for part in _PARTS.values()),
    paper="https://arxiv.org/abs/2005.13013",
    notes="the sets are joined, not balanced; dev is the dev sets of all three (of MNLI the matched one)",
    # A part that reads otherwise is another union.
    version=sum(part.version for part in _PARTS.values()),
)
