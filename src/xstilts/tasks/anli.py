"""Adversarial NLI: pairs that people wrote to mislead a model, in three rounds of rising difficulty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading import pairs
from xstilts.reading.examples import Classified
from xstilts.reading.jsonl import field, objects
from xstilts.reading.labels import check, label_text
from xstilts.tasks.task import Hub, Local, Task
from xstilts.tasks.xnli import LABELS

ROUNDS = ("R1", "R2", "R3")
LETTERS = {label[0]: label for label in LABELS}
"""Upstream writes ``e``, ``n`` and ``c``."""


def read(file: Path, language: str) -> Iterator[Classified]:
    """The pairs of one round, which is the name of the file's folder.

    Raises:
        DataError: a folder that is not a round, a missing field, a label that is not known; with the line.
    """
    number = file.parent.name
    if number not in ROUNDS:
        raise DataError(f"the folder of a round is one of {', '.join(ROUNDS)}, not {number!r}", file=file)
    rows = [
        (line, *(field(row, name, file=file, line=line) for name in ("context", "hypothesis", "label", "uid")))
        for line, row in objects(file)
    ]
    for line, first, second, label, uid in pairs.whole(rows, file):
        check(label_text(label), LETTERS, file=file, line=line)
        yield _pair(number, str(uid), first, second, LETTERS[label_text(label)])


def read_row(row: Mapping[str, Any], language: str) -> Classified:
    """A row of the hub's copy, whose split (``train_r1``) is its round."""
    number = row["split"].rpartition("_")[2].upper()
    return _pair(number, row["uid"], row["premise"], row["hypothesis"], LABELS[row["label"]])


def _pair(number: str, uid: str, first: str, second: str, label: str) -> Classified:
    return Classified(example_id=f"{number}:{uid}", cluster_id="", first=first, second=second, label=label)


TASK = Task(
    title="ANLI",
    kind="pair_classification",
    version=2,
    metric="accuracy",
    labels=LABELS,
    languages=("eng-Latn",),
    local=Local(
        patterns={
            split: tuple(
                tuple(f"{folder}/{number}/{split}.jsonl" for number in ROUNDS)
                for folder in ("anli/anli_v1.0", "anli_v1.0", "anli")
            )
            for split in ("train", "dev", "test")
        },
        read=read,
    ),
    hub=Hub(
        repository="facebook/anli",
        config="plain_text",
        splits={
            split: "+".join(f"{split}_{number.lower()}" for number in ROUNDS) for split in ("train", "dev", "test")
        },
        read_row=read_row,
    ),
    # R1 16,946 / 1,000 / 1,000, R2 45,460 / 1,000 / 1,000, R3 100,459 / 1,200 / 1,200 (card of facebook/anli).
    sizes={"train": 162_865, "dev": 3_200, "test": 3_200},
    max_length=256,
    licence="CC BY-NC 4.0",
    paper="https://arxiv.org/abs/1910.14599",
    homepage="https://github.com/facebookresearch/anli",
    notes="the three rounds as one set; an example's id begins with its round: R1, R2 or R3",
)
