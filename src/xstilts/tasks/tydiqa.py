"""TyDiQA-GoldP: span questions written by people who wanted to know, in 9 typologically diverse languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts import languages
from xstilts.errors import UnknownName
from xstilts.reading import squad
from xstilts.reading.examples import Question
from xstilts.reading.published import ids, sizes_of
from xstilts.tasks.task import Hub, Local, Task

_NAMES = ("arabic", "bengali", "english", "finnish", "indonesian", "korean", "russian", "swahili", "telugu")
"""Ids begin with the language's name: ``english-5888115353945373749-2``."""


def read(file: Path, language: str) -> Iterator[Question]:
    """The questions of one file; of a file with several languages, only those of ``language``."""
    questions = list(squad.read(file, language))
    several = len({_name(question.example_id) for question in questions}) > 1
    return iter([q for q in questions if not several or _name(q.example_id) == _name_of(language)])


def read_row(row: Mapping[str, Any], language: str) -> Question | None:
    """A row of XTREME on the hub, which holds all languages in one configuration."""
    return squad.from_row(row, language) if _name(str(row["id"])) == _name_of(language) else None


def _name(example_id: str) -> str:
    name = example_id.partition("-")[0]
    return name if name in _NAMES else ""


def _name_of(language: str) -> str:
    try:
        return languages.get(language).name.lower()
    except UnknownName:
        return language


TASK = Task(
    title="TyDiQA-GoldP",
    kind="extractive_qa",
    metric="squad_v1",
    languages=ids("en ar bn fi id ko ru sw te"),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={
            "train": (
                "tydiqa/tydiqa-goldp-v1.1-train/tydiqa.goldp.{code}.train.json",
                "tydiqa/tydiqa-goldp-v1.1-train/tydiqa.{code}.train.json",
                "tydiqa/tydiqa-goldp-v1.1-train/tydiqa-goldp-v1.1-train.json",
                "tydiqa/tydiqa-goldp-v1.1-train.json",
                "tydiqa-goldp-v1.1-train.json",
            ),
            "dev": tuple(f"{folder}tydiqa-goldp-v1.1-dev/tydiqa.goldp.{{code}}.dev.json" for folder in ("tydiqa/", "")),
        },
        read=read,
        unread={
            f"{folder}tydiqa-v1.0-{split}.jsonl{packed}": "the primary tasks, on whole articles; GoldP is read"
            for folder in ("tydiqa/", "")
            for split in ("train", "dev")
            for packed in ("", ".gz")
        },
    ),
    hub=Hub(
        repository="google/xtreme",
        config="tydiqa",
        splits={"train": "train", "dev": "validation"},
        read_row=read_row,
    ),
    sizes={
        "train": 3_696,
        **sizes_of("dev", {"en": 440, "ar": 921, "id": 565, "ko": 276, "ru": 812}),
    },
    max_length=384,
    licence="Apache-2.0",
    paper="https://arxiv.org/abs/2003.05002",
    homepage="https://github.com/google-research-datasets/tydiqa",
    notes="dev is the test: selection holds out rows of English train",
)
