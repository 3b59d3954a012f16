"""SQuAD 1.1: English span questions; the training set of XQuAD and MLQA, and an intermediate task."""

from __future__ import annotations

from xstilts.reading import squad
from xstilts.tasks.task import Hub, Local, Task

TASK = Task(
    title="SQuAD 1.1",
    kind="extractive_qa",
    metric="squad_v1",
    languages=("eng-Latn",),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={split: (f"squad/{split}-v1.1.json", f"squad_v1/{split}-v1.1.json") for split in ("train", "dev")},
        read=squad.read,
    ),
    hub=Hub(
        repository="google/xtreme",
        config="SQuAD",
        splits={"train": "train", "dev": "validation"},
        read_row=squad.from_row,
    ),
    sizes={"train": 87_599, "dev": 10_570},
    max_length=384,
    licence="CC BY-SA 4.0",
    paper="https://arxiv.org/abs/1606.05250",
    homepage="https://rajpurkar.github.io/SQuAD-explorer/",
)
