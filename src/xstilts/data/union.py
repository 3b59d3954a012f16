"""Tasks that are the union of others: ANLI+ is ANLI, MNLI and SNLI, each read from its own files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from xstilts import registry
from xstilts.data.downloads import COPY
from xstilts.data.layouts import expression
from xstilts.data.task_files import Files, TaskFiles
from xstilts.errors import DataError
from xstilts.tasks.task import Task


def members(task: Task) -> dict[str, Task]:
    """The tasks of a union by name, in its order."""
    return {name: registry.find("tasks", name, where=task.title) for name in task.union}


def united_files(task: Task, parts: Mapping[str, TaskFiles]) -> TaskFiles:
    """The splits and languages of which every member has files; what only some have is noted, never taken for all.

    Args:
        task: the union.
        parts: member → its files.
    """
    files: dict[str, Mapping[str, tuple[Path, ...]]] = {}
    notes = [note for part in parts.values() for note in part.notes]
    for split in dict.fromkeys(split for part in parts.values() for split in part.files):
        spoken = dict.fromkeys(language for part in parts.values() for language in part.languages(split))
        whole = {}
        for language in spoken:
            if lacking := [name for name, part in parts.items() if not part.of(split, language)]:
                notes.append(f"{task.title} has no {split} in {language}: there are no files of {', '.join(lacking)}")
            else:
                whole[language] = tuple(file for part in parts.values() for file in part.of(split, language))
        if whole:
            files[split] = whole
    return TaskFiles(files=_sorted(files), notes=tuple(dict.fromkeys(notes)))


def by_member(task: Task, files: Sequence[Path]) -> Iterator[tuple[str, list[Path]]]:
    """The files in their order, in runs of one member each, with its name.

    Raises:
        DataError: a file that is of no member.
    """
    for name, its in groupby(files, key=lambda file: member_of(task, file)):
        yield name, list(its)


def member_of(task: Task, file: Path) -> str:
    """The name of the member whose layout a file has, or whose hub repository it is a copy of.

    Raises:
        DataError: none.
    """
    for name, member in members(task).items():
        if _fits(member, file):
            return name
    raise DataError(
        f"{task.title} is the union of {', '.join(task.union)}, and this file belongs to none of them",
        file=file,
        hint="for files with other names, write a task for each and an arm with `method: multi_task`",
    )


def _fits(member: Task, file: Path) -> bool:
    if file.name.endswith(COPY):
        return member.hub is not None and member.hub.repository.strip("/").replace("/", "--") in file.parts
    layouts = member.local.patterns.values() if member.local else ()
    patterns = [
        pattern
        for split in layouts
        for layout in split
        for pattern in ((layout,) if isinstance(layout, str) else layout)
    ]
    return any(expression(pattern).fullmatch(_tail(file, pattern)) for pattern in patterns)


def _tail(file: Path, pattern: str) -> str:
    """As many last parts of a path as the pattern has."""
    return "/".join(file.parts[-1 - pattern.count("/") :])


def _sorted(files: Files) -> Files:
    return {split: dict(sorted(by_language.items())) for split, by_language in files.items()}
