"""OCNLI: natural language inference written in Chinese, not translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xstilts.reading.examples import Classified
from xstilts.tasks.task import Hub, Local, Task
from xstilts.tasks.xnli import LABELS, read

HUB_LABELS = ("neutral", "entailment", "contradiction")
"""In the order of the integers of clue/clue."""


def read_row(row: Mapping[str, Any], language: str) -> Classified:
    """A row of CLUE on the hub; -1 marks a hidden label."""
    label = None if row["label"] == -1 else HUB_LABELS[row["label"]]
    return Classified(example_id="", cluster_id="", first=row["sentence1"], second=row["sentence2"], label=label)


_SETS = ("train.50k", "train.30k", "train.10k", "train.3k", "train")

TASK = Task(
    title="OCNLI",
    kind="pair_classification",
    version=2,
    metric="accuracy",
    labels=LABELS,
    source_language="zho-Hani",
    languages=("zho-Hani",),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={
            split: tuple(f"{folder}/{name}.json" for name in names for folder in ("ocnli/data/ocnli", "ocnli"))
            for split, names in {"train": _SETS, "dev": ("dev",), "test": ("test",)}.items()
        },
        read=read,
    ),
    hub=Hub(repository="clue/clue", config="ocnli", read_row=read_row),
    # Card of clue/clue; without the pairs on which annotators did not agree.
    sizes={"train": 50_437, "dev": 2_950, "test": 3_000},
    licence="CC BY-NC 2.0",
    paper="https://arxiv.org/abs/2010.05444",
    homepage="https://github.com/CLUEbenchmark/OCNLI",
    notes=(
        "upstream has training sets of 50k, 30k, 10k and 3k pairs: the largest that is there is read. Test labels are "
        "hidden, so dev is evaluated; pairs without a gold label are left out"
    ),
)
