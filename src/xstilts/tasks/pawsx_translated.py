"""PAWS-X's translated training sets: PAWS-Wiki, machine-translated into each of its languages."""

from __future__ import annotations

from dataclasses import replace

from xstilts.reading.published import sizes_of
from xstilts.tasks import pawsx
from xstilts.tasks.task import Hub, Local, Task

TASK: Task = replace(
    pawsx.TASK,
    title="PAWS-X, translated training sets",
    train_on=None,
    local=Local(
        patterns={
            "train": (
                "x-final/{code}/translated_train.tsv",
                "x-final/{code}/train.tsv",
                "xtreme_translations/PAWSX/translate-train/en-{code}-translated.tsv",
            ),
            "dev": ("pawsx/dev-{code}.tsv", "x-final/{code}/dev_2k.tsv"),
            "test": ("pawsx/test-{code}.tsv", "x-final/{code}/test_2k.tsv"),
        },
        read=pawsx.read,
    ),
    hub=Hub(repository="google-research-datasets/paws-x", read_row=pawsx.read_row),
    # Of train: upstream's README.
    sizes={**sizes_of("train", {"de en es fr ja ko zh": 49_401}), **pawsx.TASK.sizes},
    version=2,
    notes=(
        "upstream's own translations, or those that XTREME made later. English is the original; dev and test are "
        "PAWS-X's"
    ),
)
