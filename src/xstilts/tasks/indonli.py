"""IndoNLI: natural language inference written in Indonesian, with an adversarial test set by experts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xstilts.reading import pairs
from xstilts.reading.examples import Classified
from xstilts.tasks.task import Hub, Local, Task
from xstilts.tasks.xnli import LABELS, read_row

_LETTERS = {label[0]: label for label in LABELS}


def read(file: Path, language: str) -> Iterator[Classified]:
    """The pairs of one file, whose labels are ``e``, ``n`` and ``c``."""
    return pairs.read(file, labels=LABELS, rename=_LETTERS)


_FOLDERS = ("indonli/data/indonli", "indonli")

TASK = Task(
    title="IndoNLI",
    kind="pair_classification",
    version=2,
    metric="accuracy",
    labels=LABELS,
    source_language="ind-Latn",
    languages=("ind-Latn",),
    local=Local(
        patterns={
            "train": tuple(f"{folder}/train.jsonl" for folder in _FOLDERS),
            "dev": tuple(f"{folder}/val.jsonl" for folder in _FOLDERS),
            "test": tuple((f"{folder}/test_lay.jsonl", f"{folder}/test_expert.jsonl") for folder in _FOLDERS),
        },
        read=read,
    ),
    hub=Hub(repository="afaji/indonli", config=None, branch="refs/convert/parquet", read_row=read_row),
    # Card of afaji/indonli; test: 2,201 by students, 2,984 by experts.
    sizes={"train": 10_330, "dev": 2_197, "test": 5_185},
    max_length=256,
    licence="CC BY-SA 4.0",
    paper="https://aclanthology.org/2021.emnlp-main.821/",
    homepage="https://github.com/ir-nlp-csui/indonli",
    notes="test joins both published ones: by lay people (as train and dev) and, adversarial, by experts",
)
