"""SQuAD 2.0: English span questions, a third of which have no answer; an intermediate task."""

from __future__ import annotations

from xstilts.reading import squad
from xstilts.tasks.task import Hub, Local, Task

TASK = Task(
    title="SQuAD 2.0",
    kind="extractive_qa",
    metric="squad_v2",
    languages=("eng-Latn",),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={split: (f"squad/{split}-v2.0.json", f"squad_v2/{split}-v2.0.json") for split in ("train", "dev")},
        read=squad.read,
    ),
    hub=Hub(
        repository="rajpurkar/squad_v2",
        config=None,
        splits={"train": "train", "dev": "validation"},
        read_row=squad.from_row,
    ),
    sizes={"train": 130_319},
    max_length=384,
    licence="CC BY-SA 4.0",
    paper="https://arxiv.org/abs/1806.03822",
    homepage="https://rajpurkar.github.io/SQuAD-explorer/",
)
