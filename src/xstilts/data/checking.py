"""Reads every split of a task and counts it against the published sizes: ``xstilts data check``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xstilts.data.discovery import discover, read
from xstilts.errors import DataError
from xstilts.reading.examples import Example, Question
from xstilts.tasks.task import Task


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One split in one language.

    Attributes:
        split: train, dev or test.
        language: the language id.
        files: its files, below the data folder.
        count: examples read; None if the files cannot be read.
        published: the published number; None if none was read in a source.
        status: ``ok``, ``differs``, ``unpublished`` or ``unreadable``.
        notes: why it cannot be read; answers that do not occur in their context; hidden labels.
    """

    split: str
    language: str
    files: tuple[str, ...]
    count: int | None
    published: int | None
    status: str
    notes: tuple[str, ...] = ()


def check(task: Task, root: Path | None) -> list[Checked]:
    """Every split and language that ``root`` holds of ``task``; of a made dataset, every one.

    Raises:
        ConfigError: the folder does not exist, or a file is a link that leaves it.
    """
    found = discover(task, root)
    return [
        _checked(task, split, language, files, root)
        for split, by_language in found.files.items()
        for language, files in by_language.items()
    ]


def _checked(task: Task, split: str, language: str, files: tuple[Path, ...], root: Path | None) -> Checked:
    names = tuple(str(file.relative_to(root)) if root and file.is_relative_to(root) else str(file) for file in files)
    published = size(task, split, language)
    try:
        examples = read(task, files, language)
    except DataError as error:
        return Checked(
            split=split,
            language=language,
            files=names,
            count=None,
            published=published,
            status="unreadable",
            notes=(str(error),),
        )
    status = "unpublished" if published is None else "ok" if published == len(examples) else "differs"
    return Checked(
        split=split,
        language=language,
        files=names,
        count=len(examples),
        published=published,
        status=status,
        notes=tuple(_notes(examples)),
    )


def _notes(examples: Sequence[Example]) -> list[str]:
    notes = []
    questions = [example for example in examples if isinstance(example, Question)]
    lost = sum(answer.start < 0 for question in questions for answer in question.answers or ())
    if lost:
        notes.append(f"{lost} answers do not occur in their context: such examples are evaluated, never trained on")
    hidden = sum(_hidden(example) for example in examples)
    if hidden:
        notes.append(f"{hidden} examples have hidden labels")
    return notes


def _hidden(example: Example) -> bool:
    golds = [getattr(example, name) for name in ("label", "tags", "answers", "translations") if hasattr(example, name)]
    return bool(golds) and golds[0] is None


def size(task: Task, split: str, language: str) -> int | None:
    """The published number of examples, or None where none was read in a source."""
    exact = task.sizes.get(f"{split}-{language}")
    if exact is None and (task.parallel or language == task.source_language):
        return task.sizes.get(split)
    return exact
