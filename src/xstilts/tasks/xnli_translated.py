"""XNLI's translated training sets: MultiNLI, machine-translated into each of its languages."""

from __future__ import annotations

from dataclasses import replace

from xstilts.reading.published import sizes_of
from xstilts.tasks import xnli
from xstilts.tasks.task import Hub, Local, Task

assert xnli.TASK.local is not None
LOCAL = xnli.TASK.local
"""Where dev and test are."""

TASK: Task = replace(
    xnli.TASK,
    title="XNLI, translated training sets",
    train_on=None,
    local=Local(
        patterns={
            "train": (
                "XNLI-MT-1.0/multinli/multinli.train.{code}.tsv",
                "xnli/XNLI-MT-1.0/multinli/multinli.train.{code}.tsv",
                "xtreme_translations/XNLI/translate-train/en-{code}-translated.tsv",
            ),
            **LOCAL.patterns,
        },
        read=xnli.read,
        within=LOCAL.within,
    ),
    hub=Hub(repository="facebook/xnli", read_row=xnli.read_row),
    # Of train: card of facebook/xnli.
    sizes={**sizes_of("train", {"ar bg de el en es fr hi ru sw th tr ur vi zh": 392_702}), **xnli.TASK.sizes},
    version=2,
    notes=(
        "upstream's own translations (XNLI-MT-1.0, also on the hub), or those that XTREME made later. English is the "
        "original; dev and test are XNLI's"
    ),
)
