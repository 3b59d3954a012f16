"""PAN-X (WikiANN): persons, organisations and locations in Wikipedia sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.reading import conll
from xstilts.reading.examples import Tagged
from xstilts.reading.published import ids, sizes_of
from xstilts.tasks.task import Hub, Local, Task

LABELS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
"""In the order of the integers on the hub."""

_SIZES = {
    "ar bg de el en es et eu fa fi fr he hu id it ja ka ko nl pt ru th tr vi zh": 10_000,
    "af bn hi kk ml mr ms sw ta te tl ur": 1_000,
    "jv my yo": 100,
}
"""Sentences of dev and of test, as counted on the card of google/xtreme."""


def read(file: Path, language: str) -> Iterator[Tagged]:
    """The sentences of one file, XTREME's or upstream's (``en:token``).

    Vietnamese has a word that is nothing but white space, which XTREME's download strips: a line with a tag alone.
    """
    return conll.read(file, labels=LABELS, stripped=True)


def read_row(row: Mapping[str, Any], language: str) -> Tagged:
    """A row of XTREME on the hub."""
    tags = tuple(LABELS[tag] for tag in row["ner_tags"])
    return Tagged(example_id="", cluster_id="", tokens=tuple(row["tokens"]), tags=tags)


TASK = Task(
    title="PAN-X",
    kind="tagging",
    metric="span_f1",
    labels=LABELS,
    languages=ids(
        "ar he vi id jv ms tl eu ml ta te af nl en de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw yo my zh "
        "kk tr et fi hu qu pl uk az lt pa gu ro"
    ),
    local=Local(
        patterns={
            split: (
                f"panx/{split}-{{code}}.tsv",
                f"panx_dataset/{{code}}-{split}",
                f"panx_dataset/{{code}}/{split}",
            )
            for split in ("train", "dev", "test")
        },
        read=read,
    ),
    hub=Hub(repository="google/xtreme", config="PAN-X.{code}", read_row=read_row),
    sizes={"train": 20_000, "dev": 10_000, **sizes_of("dev", _SIZES), **sizes_of("test", _SIZES)},
    licence="CC BY-NC-SA",
    paper="https://aclanthology.org/P17-1178",
    homepage="https://github.com/afshinrahimi/mmner",
    notes="40 languages in XTREME; qu pl uk az lt pa gu ro added in XTREME-R",
)
