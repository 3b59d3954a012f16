"""Finds a task's files, wherever they come from, and reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from xstilts.data import downloads, made, union
from xstilts.data.local_files import local_files, main_files
from xstilts.data.task_files import TaskFiles
from xstilts.errors import DataError
from xstilts.reading.examples import Example
from xstilts.reading.identify import identify
from xstilts.tasks.task import Task


def discover(task: Task, root: Path | None, *, made_in: Path | None = None) -> TaskFiles:
    """The files of ``task`` below ``root``; those of a dataset that the package makes, below ``made_in``.

    Raises:
        ConfigError: the folder does not exist, or a file of the task is a link that leaves it.
        DataError: a file without its companion.
    """
    if isinstance(own := getattr(task, "found", None), TaskFiles):
        return own
    if task.made is not None:
        return TaskFiles(files=made.files(task.made, made_in or made.default_folder()))
    if task.union:
        members = union.members(task)
        return union.united_files(task, {name: discover(one, root, made_in=made_in) for name, one in members.items()})
    if root is None or task.local is None:
        return TaskFiles()
    return local_files(task, task.local, root)


def read(task: Task, files: Iterable[Path], language: str) -> list[Example]:
    """The examples of the files of one split and language, in file order, with ids and clusters.

    Companion files are read with the file that they belong to. Copies of hub datasets (``downloads.download``) are
    read by the task's hub reader.

    Raises:
        DataError: a file that cannot be read, with file and line; a file set without any example.
    """
    files = [Path(file) for file in files]
    examples = _read_union(task, files, language) if task.union else _read_own(task, files, language)
    if not examples:
        raise DataError(f"no examples of {task.title} in {language}", file=files[0] if files else "(no file)")
    return examples if task.union else identify(examples, parallel=task.parallel)


def _read_own(task: Task, files: Sequence[Path], language: str) -> list[Example]:
    examples: list[Example] = []
    for file in main_files(task, files):
        if file.name.endswith(made.MADE):
            examples.extend(made.read(file))
        elif file.name.endswith(downloads.COPY):
            examples.extend(downloads.read_copy(task, file, language))
        elif task.local is None:
            raise DataError(f"{task.title} has no reader for local files", file=file)
        else:
            examples.extend(task.local.read(file, language))
    return examples


def _read_union(task: Task, files: Sequence[Path], language: str) -> list[Example]:
    """Each file read by the member that it belongs to; ids say which that is."""
    members = union.members(task)
    return [
        replace(example, example_id=f"{name}:{example.example_id}")
        for name, its in union.by_member(task, files)
        for example in read(members[name], its, language)
    ]
