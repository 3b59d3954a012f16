"""Tatoeba: find the translation of a sentence among up to 1,000; no training data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.reading import bitext
from xstilts.reading.examples import Bitext
from xstilts.reading.published import ids, sizes_of
from xstilts.tasks.task import Hub, Local, Task

_SIZES = {
    "ar he vi id tl eu af nl de el bn hi mr ur fa fr it pt es bg ru ja ko zh tr et fi hu": 1_000,
    "ka": 746,
    "ml": 687,
    "kk": 575,
    "th": 548,
    "sw": 390,
    "ta": 307,
    "te": 234,
    "jv": 205,
}
"""Pairs, as counted on the card of google/xtreme."""


def read(file: Path, language: str) -> Iterator[Bitext]:
    """The pairs of ``tatoeba.xxx-eng.xxx`` and its companion ``tatoeba.xxx-eng.eng``."""
    return bitext.read_pairs(file, file.with_suffix(".eng"))


def read_row(row: Mapping[str, Any], language: str) -> Bitext:
    """A row of XTREME on the hub, whose sentences keep their line break."""
    source, target = row["source_sentence"].strip(), row["target_sentence"].strip()
    return Bitext(example_id="", cluster_id="", source=source, target=target)


TASK = Task(
    title="Tatoeba",
    kind="sentence_retrieval",
    metric="retrieval_accuracy",
    languages=ids(
        "ar he vi id jv tl eu ml ta te af nl de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw zh kk tr et fi hu "
        "az lt pl uk ro"
    ),
    trainable=False,
    local=Local(
        patterns={
            "test": tuple(
                f"{folder}/tatoeba.{{code}}-eng.{{code}}"
                for folder in ("tatoeba", "tatoeba/v1", "LASER/data/tatoeba/v1", "LASER-master/data/tatoeba/v1")
            )
        },
        read=read,
        codes="iso639_3",
        companion="tatoeba.{code}-eng.eng",
        unread={
            "tatoeba/{code}-en.{code}": (
                "XTREME's download sorts the English side, so that its lines are no longer translations of each other; "
                "the aligned files are LASER's (data/tatoeba/v1/tatoeba.deu-eng.deu and .eng): put them into tatoeba/"
            )
        },
    ),
    hub=Hub(
        repository="google/xtreme",
        config="tatoeba.{code}",
        splits={"test": "validation"},
        read_row=read_row,
    ),
    sizes=sizes_of("test", _SIZES),
    max_length=512,
    licence="CC BY",
    paper="https://arxiv.org/abs/1812.10464",
    homepage="https://github.com/facebookresearch/LASER/tree/main/data/tatoeba/v1",
    notes=(
        "36 languages in XTREME; az lt pl uk ro added in XTREME-R. The English sentences differ between languages. "
        "XTREME's own copy sorts the English side: it is no longer aligned and is not read"
    ),
)
