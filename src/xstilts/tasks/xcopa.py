"""XCOPA: which of two alternatives is the cause or the effect, in 11 languages."""

from __future__ import annotations

from xstilts.reading import copa
from xstilts.reading.published import ids
from xstilts.tasks.task import Hub, Local, Task

_FILES = {"dev": "val", "test": "test"}

TASK = Task(
    title="XCOPA",
    kind="multiple_choice",
    metric="accuracy",
    version=2,
    languages=ids("et ht id it qu sw ta th tr vi zh"),
    train_on="copa",
    train_first="siqa",
    parallel=True,
    local=Local(
        patterns={
            split: (
                f"xcopa/{name}-{{code}}.jsonl",
                f"xcopa/{name}.{{code}}.jsonl",
                f"xcopa/data/{{code}}/{name}.{{code}}.jsonl",
            )
            for split, name in _FILES.items()
        },
        read=copa.read,
    ),
    hub=Hub(
        repository="cambridgeltl/xcopa",
        splits={"dev": "validation", "test": "test"},
        read_row=copa.from_row,
    ),
    sizes={"dev": 100, "test": 500},
    licence="CC BY 4.0",
    paper="https://arxiv.org/abs/2005.00333",
    homepage="https://github.com/cambridgeltl/xcopa",
    notes="XTREME-R trains on SIQA, then on COPA, and so does this; `train_on: copa` trains on COPA alone",
)
