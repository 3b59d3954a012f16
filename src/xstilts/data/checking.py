"""Reads every split of a task and counts it against the published sizes: ``xstilts data check``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xstilts.data.discovery import discover, read
from xstilts.data.repeated_rows import Rows, repeated, sketch
from xstilts.data.text_language import doubts
from xstilts.errors import DataError
from xstilts.reading import notes
from xstilts.reading.examples import Example
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
        notes: why it cannot be read; what its reader said; texts in another language or script; hidden labels.
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
    return [row for split, by_language in found.files.items() for row in _split(task, split, by_language, root)]


def _split(task: Task, split: str, by_language: Mapping[str, tuple[Path, ...]], root: Path | None) -> list[Checked]:
    """The languages of one split, each read and then compared with the others."""
    rows, sketches = [], []
    for language, files in by_language.items():
        row, rows_of_it = _checked(task, split, language, files, root)
        rows.append(row)
        sketches.append(Rows(language=language, file=files[0].name, sketch=rows_of_it))
    doubles = repeated(sketches, source=task.source_language)
    names = {rows_of_it.language: f"{rows_of_it.file}: " for rows_of_it in sketches}
    return [
        replace(row, notes=(*row.notes, *(note for note in doubles if note.startswith(names[row.language]))))
        for row in rows
    ]


def _checked(
    task: Task, split: str, language: str, files: tuple[Path, ...], root: Path | None
) -> tuple[Checked, tuple[int, ...]]:
    """What one language of a split holds, and by what its rows are compared with others'."""
    names = tuple(str(file.relative_to(root)) if root and file.is_relative_to(root) else str(file) for file in files)
    published = size(task, split, language)
    try:
        with notes.collected() as said:
            examples = read(task, files, language)
        said += doubts(examples, language, file=files[0])
    except DataError as error:
        unreadable = Checked(
            split=split,
            language=language,
            files=names,
            count=None,
            published=published,
            status="unreadable",
            notes=(str(error),),
        )
        return unreadable, ()
    checked = Checked(
        split=split,
        language=language,
        files=names,
        count=len(examples),
        published=published,
        status="unpublished" if published is None else "ok" if published == len(examples) else "differs",
        notes=(*said, *_notes(examples)),
    )
    return checked, sketch(examples, language)


def _notes(examples: Sequence[Example]) -> list[str]:
    found = []
    hidden = sum(_hidden(example) for example in examples)
    if hidden:
        found.append(f"{hidden} examples have hidden labels")
    return found


def _hidden(example: Example) -> bool:
    golds = [getattr(example, name) for name in ("label", "tags", "answers", "translations") if hasattr(example, name)]
    return bool(golds) and golds[0] is None


def size(task: Task, split: str, language: str) -> int | None:
    """The published number of examples, or None where none was read in a source."""
    exact = task.sizes.get(f"{split}-{language}")
    if exact is None and (task.parallel or task.made or language == task.source_language):
        return task.sizes.get(split)
    return exact
