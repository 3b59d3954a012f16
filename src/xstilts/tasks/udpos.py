"""UD POS: part-of-speech tags of Universal Dependencies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.reading import conll
from xstilts.reading.examples import Tagged
from xstilts.reading.published import ids
from xstilts.tasks.task import Hub, Local, Task

LABELS = (
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM"),
    *("PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X"),
)
"""The 17 universal tags in their official order, which is also that of the integers on the hub."""


def read(file: Path, language: str) -> Iterator[Tagged]:
    """The sentences of one file; tokens tagged ``_`` (unspecified) are left out."""
    return conll.read(file, labels=LABELS, unspecified="_")


def read_row(row: Mapping[str, Any], language: str) -> Tagged:
    """A row of XTREME on the hub."""
    tags = tuple(LABELS[tag] for tag in row["pos_tags"])
    return Tagged(example_id="", cluster_id="", tokens=tuple(row["tokens"]), tags=tags)


TASK = Task(
    title="UD POS",
    kind="tagging",
    metric="pos",
    labels=LABELS,
    languages=ids(
        "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr ur vi yo zh "
        "lt pl uk wo ro"
    ),
    local=Local(
        patterns={
            split: (
                f"udpos/{split}-{{code}}.tsv",
                *(f"{folder}UD_*/{{code}}_*-ud-{split}.conllu" for folder in ("", "udpos/", "ud-treebanks-*/")),
            )
            for split in ("train", "dev", "test")
        },
        read=read,
    ),
    hub=Hub(repository="google/xtreme", config="udpos.{name}", read_row=read_row),
    sizes={"train": 21_253, "dev": 3_974},
    licence="CC BY-SA, some treebanks non-commercial",
    paper="https://arxiv.org/abs/2004.10643",
    homepage="https://universaldependencies.org/",
    notes=(
        "33 languages in XTREME; lt pl uk wo ro added in XTREME-R. The treebanks are read as Universal Dependencies "
        "publishes them, too (UD_English-EWT/en_ewt-ud-test.conllu, all of a language together): there, a fused token "
        "is its words, where XTREME's download keeps it whole"
    ),
)
