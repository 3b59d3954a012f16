"""JNLI (JGLUE): natural language inference on Japanese image captions, not translated."""

from __future__ import annotations

from xstilts.tasks.series import jglue
from xstilts.tasks.task import Local, Task
from xstilts.tasks.xnli import LABELS, read

TASK = Task(
    title="JNLI",
    kind="pair_classification",
    version=2,
    metric="accuracy",
    labels=LABELS,
    source_language="jpn-Jpan",
    languages=("jpn-Jpan",),
    local=Local(patterns=jglue.patterns("jnli"), read=read),
    # README of yahoojapan/JGLUE.
    sizes={"train": 20_073, "dev": 2_434, "test": 2_508},
    licence="CC BY-SA 4.0",
    paper="https://aclanthology.org/2022.lrec-1.317",
    homepage="https://github.com/yahoojapan/JGLUE",
)
