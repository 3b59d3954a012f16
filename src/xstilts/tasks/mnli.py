"""MultiNLI: the English training set of XNLI, and an intermediate task."""

from __future__ import annotations

from xstilts.tasks.task import Hub, Local, Task
from xstilts.tasks.xnli import LABELS, read, read_row

MISMATCHED = (
    *("mnli/multinli_1.0_dev_mismatched.jsonl", "multinli_1.0/multinli_1.0_dev_mismatched.jsonl"),
    *("mnli/dev_mismatched.jsonl", "mnli/dev_mismatched.tsv", "MNLI/dev_mismatched.tsv"),
)

TASK = Task(
    title="MultiNLI",
    kind="pair_classification",
    version=2,
    metric="accuracy",
    labels=LABELS,
    languages=("eng-Latn",),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={
            "train": (
                "xnli/train-{code}.tsv",
                "mnli/train-{code}.tsv",
                "mnli/multinli_1.0_train.jsonl",
                "multinli_1.0/multinli_1.0_train.jsonl",
                "mnli/train.jsonl",
                "multinli_1.0/multinli_1.0_train.txt",
                "mnli/train.tsv",
                "MNLI/train.tsv",
            ),
            "dev": (
                "mnli/multinli_1.0_dev_matched.jsonl",
                "multinli_1.0/multinli_1.0_dev_matched.jsonl",
                "mnli/dev_matched.jsonl",
                "mnli/dev_matched.tsv",
                "MNLI/dev_matched.tsv",
                "multinli_1.0/multinli_1.0_dev_matched.txt",
            ),
        },
        read=read,
        unread=dict.fromkeys(MISMATCHED, "the mismatched dev set: the matched one is evaluated"),
    ),
    hub=Hub(
        repository="nyu-mll/multi_nli",
        config=None,
        splits={"train": "train", "dev": "validation_matched"},
        read_row=read_row,
    ),
    sizes={"train": 392_702, "dev": 9_815},
    licence="CC BY 3.0, CC BY-SA 3.0, MIT and others, by genre",
    paper="https://arxiv.org/abs/1704.05426",
    homepage="https://www.nyu.edu/projects/bowman/multinli/",
    notes="dev is the matched one; pairs without a gold label are left out",
)
