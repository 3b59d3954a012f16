"""MLQA: span questions in 7 languages, parallel between four of them on average."""

from __future__ import annotations

from xstilts.reading import squad
from xstilts.reading.published import ids, sizes_of
from xstilts.tasks.task import Hub, Local, Task

_DEV = {"en": 1_148, "de": 512, "es": 500, "ar": 517, "zh": 504, "vi": 511, "hi": 507}
_TEST = {"en": 11_590, "de": 4_517, "es": 5_253, "ar": 5_335, "zh": 5_137, "vi": 5_495, "hi": 4_918}

TASK = Task(
    title="MLQA",
    kind="extractive_qa",
    metric="mlqa",
    languages=ids("en es de ar hi vi zh"),
    train_on="squad_v1",
    select_on_train=True,  # as XQuAD: both read one model of SQuAD, as in XTREME's scripts
    local=Local(
        patterns={
            split: (
                f"mlqa/MLQA_V1/{split}/{split}-context-{{code}}-question-{{code}}.json",
                f"mlqa/{split}-context-{{code}}-question-{{code}}.json",
                f"MLQA_V1/{split}/{split}-context-{{code}}-question-{{code}}.json",
            )
            for split in ("dev", "test")
        },
        read=squad.read,
        unread={
            f"{folder}/{split}/{split}-context-*-question-*.json": "question and context are to be in the same language"
            for folder in ("mlqa/MLQA_V1", "MLQA_V1")
            for split in ("dev", "test")
        },
    ),
    hub=Hub(
        repository="google/xtreme",
        config="MLQA.{code}.{code}",
        splits={"dev": "validation", "test": "test"},
        read_row=squad.from_row,
    ),
    sizes={**sizes_of("dev", _DEV), **sizes_of("test", _TEST)},
    max_length=384,
    licence="CC BY-SA 3.0",
    paper="https://arxiv.org/abs/1910.07475",
    homepage="https://github.com/facebookresearch/MLQA",
    notes="question and context in the same language; upstream's table says 5,254 for es test, the file holds 5,253",
)
