"""XQuAD: 1,190 questions of SQuAD, translated by professionals."""

from __future__ import annotations

from xstilts.reading import squad
from xstilts.reading.published import ids
from xstilts.tasks.task import Hub, Local, Task

TASK = Task(
    title="XQuAD",
    kind="extractive_qa",
    metric="squad_v1",
    languages=ids("en es de el ru tr ar vi th zh hi ro"),
    train_on="squad_v1",
    select_on_train=True,
    parallel=True,
    local=Local(patterns={"test": ("xquad/xquad.{code}.json",)}, read=squad.read),
    hub=Hub(
        repository="google/xquad",
        config="xquad.{code}",
        splits={"test": "validation"},
        read_row=squad.from_row,
    ),
    sizes={"test": 1_190},
    max_length=384,
    licence="CC BY-SA 4.0",
    paper="https://arxiv.org/abs/1910.11856",
    homepage="https://github.com/google-deepmind/xquad",
    notes="ro was added for XTREME-R",
)
