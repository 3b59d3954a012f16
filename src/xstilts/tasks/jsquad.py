"""JSQuAD (JGLUE): span questions on the Japanese Wikipedia, not translated."""

from __future__ import annotations

from xstilts.reading import squad
from xstilts.tasks.series import jglue
from xstilts.tasks.task import Local, Task

TASK = Task(
    title="JSQuAD",
    kind="extractive_qa",
    metric="squad_v1",
    source_language="jpn-Jpan",
    languages=("jpn-Jpan",),
    local=Local(patterns=jglue.patterns("jsquad"), read=squad.read),
    # README of yahoojapan/JGLUE.
    sizes={"train": 62_859, "dev": 4_442, "test": 4_420},
    max_length=384,
    licence="CC BY-SA 4.0",
    paper="https://aclanthology.org/2022.lrec-1.317",
    homepage="https://github.com/yahoojapan/JGLUE",
    notes=(
        "contexts begin with the article's title and [SEP], as published. F1 counts words between blanks, which "
        "Japanese does not write: exact match is what counts"
    ),
)
