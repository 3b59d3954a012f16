"""Text that says the same in several languages: line-aligned files, or the test set of a parallel task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xstilts import registry
from xstilts.data import discovery
from xstilts.data.folders import resolve_files
from xstilts.data.text_folders import discover_text
from xstilts.errors import ConfigError, NotFound
from xstilts.reading.bitext import aligned
from xstilts.reading.examples import Example, spoken
from xstilts.tasks.task import Task

Place = tuple[str, str]
"""A line, or an example and a field of it."""


@dataclass(frozen=True, kw_only=True)
class ParallelText:
    """One text in several languages.

    Attributes:
        name: the task, or folder and set.
        segments: language → place → text; a place means the same in every language.
    """

    name: str
    segments: Mapping[str, Mapping[Place, str]]


def parallel_texts(name: str, data: Path | None, beside: Path, *, where: str) -> list[ParallelText]:
    """The texts that a name stands for: a task whose test set is parallel, or a folder of ``set.xx.txt``.

    Args:
        name: as written.
        data: the ``--data`` folder, or None.
        beside: in which a folder is looked up second.
        where: the option or key that names it, for messages.

    Raises:
        ConfigError: there is no such text, or it is not parallel.
        DataError: files that cannot be read, or that are not aligned.
    """
    if name in registry.names("tasks"):
        return [_of_task(registry.find("tasks", name), name, data, where)]
    try:
        folder = resolve_files([name], data, beside, where=where, folders=True)[0]
    except NotFound as error:
        raise NotFound(str(error), hint=f"or a parallel task: {', '.join(parallel_tasks())}") from None
    sets = {of: files for of, files in discover_text(folder).sets.items() if of and len(files) > 1}
    if not sets:
        raise ConfigError(
            f"{name} holds no text that is aligned across languages", where=where, hint="files named set.xx.txt"
        )
    return [ParallelText(name=f"{folder.name}/{of}", segments=_of_lines(files)) for of, files in sets.items()]


def parallel_tasks() -> tuple[str, ...]:
    """The tasks whose test set says the same in every language."""
    return tuple(name for name in registry.names("tasks") if registry.find("tasks", name).parallel)


def _of_lines(files: Mapping[str, Path]) -> dict[str, dict[Place, str]]:
    lines = aligned(files)
    return {
        language: {(str(number), ""): line for number, line in enumerate(own) if line.strip()}
        for language, own in lines.items()
    }


def _of_task(task: Task, name: str, data: Path | None, where: str) -> ParallelText:
    if not task.parallel:
        known = ", ".join(parallel_tasks())
        raise ConfigError(f"the test sets of {name} are not parallel", where=where, hint=f"these are: {known}")
    found = discovery.discover(task, data)
    segments = {
        language: dict(_segments(discovery.read(task, found.of(task.test_split, language), language)))
        for language in found.languages(task.test_split)
    }
    if not segments:
        hint = "--data DIR names the folder that holds it" if data is None else ""
        raise NotFound(f"no test set of {name}" + ("" if data is None else f" below {data}"), where=where, hint=hint)
    return ParallelText(name=name, segments=segments)


def _segments(examples: Sequence[Example]) -> Iterator[tuple[Place, str]]:
    """Every text that a model reads, once: a paragraph is repeated by each of its questions."""
    seen: set[tuple[str, str]] = set()
    for example in examples:
        for field, text, _ in spoken(example, ""):
            if text.strip() and (field, text) not in seen:
                seen.add((field, text))
                yield (example.example_id, field), text
