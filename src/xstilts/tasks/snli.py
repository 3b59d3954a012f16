"""SNLI: does the premise, an image caption, entail the hypothesis; an intermediate task, and part of ANLI+."""

from __future__ import annotations

from xstilts.tasks.task import Hub, Local, Task
from xstilts.tasks.xnli import LABELS, read, read_row

TASK = Task(
    title="SNLI",
    kind="pair_classification",
    version=2,
    metric="accuracy",
    labels=LABELS,
    languages=("eng-Latn",),
    local=Local(
        patterns={
            split: (
                f"snli/snli_1.0_{split}.jsonl",
                f"snli_1.0/snli_1.0_{split}.jsonl",
                f"snli/{split}.jsonl",
                f"snli_1.0/snli_1.0_{split}.txt",
            )
            for split in ("train", "dev", "test")
        },
        read=read,
    ),
    hub=Hub(repository="stanfordnlp/snli", config="plain_text", read_row=read_row),
    # With a gold label, as the reader counts (mLSTM paper, arXiv 1512.08849); the card counts 785, 158 and 176 more.
    sizes={"train": 549_367, "dev": 9_842, "test": 9_824},
    licence="CC BY-SA 4.0",
    paper="https://arxiv.org/abs/1508.05326",
    homepage="https://nlp.stanford.edu/projects/snli/",
    notes="pairs without a gold label are left out",
)
