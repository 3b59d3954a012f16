"""COPA: the English original of XCOPA, and its training set."""

from __future__ import annotations

from xstilts.reading import copa
from xstilts.tasks.task import Local, Task

TASK = Task(
    title="COPA",
    kind="multiple_choice",
    metric="accuracy",
    version=2,
    languages=("eng-Latn",),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={
            "train": ("xcopa/train.en.jsonl", "xcopa/train-en.jsonl", "COPA/train.jsonl", "copa/train.jsonl"),
            "dev": ("xcopa/val.en.jsonl", "xcopa/val-en.jsonl", "COPA/val.jsonl", "copa/val.jsonl"),
        },
        read=copa.read,
    ),
    # SuperGLUE's split, by the card of its copy kinit/copa on the hub.
    sizes={"train": 400, "dev": 100},
    paper="https://people.ict.usc.edu/~gordon/publications/AAAI-SPRING11A.PDF",
    homepage="https://people.ict.usc.edu/~gordon/copa.html",
    notes="SuperGLUE's files; its test labels are hidden, so dev is evaluated",
)
