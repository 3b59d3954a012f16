"""JNLI (JGLUE): natural language inference on Japanese image captions, not translated."""

from __future__ import annotations

from xstilts.tasks.task import Local, Task
from xstilts.tasks.xnli import LABELS, read

FOLDERS = ("jglue", "JGLUE/datasets", "datasets")
"""Where JGLUE's sets may lie; each has a folder of its own, with its version."""

TASK = Task(
    title="JNLI",
    kind="pair_classification",
    metric="accuracy",
    labels=LABELS,
    source_language="jpn-Jpan",
    languages=("jpn-Jpan",),
    local=Local(
        patterns={
            split: tuple(f"{folder}/jnli-v1.3/{name}-v1.3.json" for folder in FOLDERS)
            for split, name in (("train", "train"), ("dev", "valid"), ("test", "test"))
        },
        read=read,
    ),
    # README of yahoojapan/JGLUE.
    sizes={"train": 20_073, "dev": 2_434, "test": 2_508},
    licence="CC BY-SA 4.0",
    paper="https://aclanthology.org/2022.lrec-1.317",
    homepage="https://github.com/yahoojapan/JGLUE",
)
