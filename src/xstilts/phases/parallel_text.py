"""Text that says the same in several languages: line-aligned files, or the test set of a parallel task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from xstilts import registry
from xstilts.data import discovery, made
from xstilts.data.plain_text import text_of
from xstilts.data.task_files import TaskFiles
from xstilts.errors import ConfigError, NotFound
from xstilts.reading.bitext import aligned
from xstilts.reading.examples import Example, spoken
from xstilts.tasks.task import Task

Place = tuple[str, str]
"""A line, or an example and a field of it."""
Segments = Mapping[str, Mapping[Place, str]]
"""Language → place → text; a place means the same in every language."""


@dataclass(frozen=True, kw_only=True)
class ParallelText:
    """One text in several languages, found and not read yet.

    Attributes:
        name: the task, or the folder and the set.
        languages: that it is in.
        read: its segments; raises DataError where a file cannot be read, or files are not aligned.
    """

    name: str
    languages: tuple[str, ...]
    read: Callable[[], Segments]


def parallel_texts(
    name: str, data: Path | None, beside: Path, *, where: str, made_in: Path | None = None
) -> list[ParallelText]:
    """The texts that a name stands for: a task whose test set is parallel, or a folder of ``set.xx.txt``.

    Args:
        name: as written; ``microworld`` is the built-in text.
        data: the ``--data`` folder, or None.
        beside: in which a folder is looked up second.
        where: the option or key that names it, for messages.
        made_in: where what the package makes is kept.

    Raises:
        ConfigError: there is no such text, or it is not parallel.
    """
    made_in = made_in or made.default_folder()
    if name in registry.names("tasks"):
        return [_of_task(registry.find("tasks", name), name, data, where, made_in)]
    try:
        # What is aligned is told by the end of the key.
        found = text_of([name], data, beside, made_in=made_in, where=f"{where}.parallel")
    except NotFound as error:
        said = str(error).replace(f"{where}.parallel", where)
        raise NotFound(f"{said}; parallel tasks are {', '.join(parallel_tasks())}") from None
    sets = {of: files for of, files in found.sets.items() if of and len(files) > 1}
    if not sets:
        raise ConfigError(f"{name} holds no text that is aligned across languages", where=where, hint="set.xx.txt")
    return [
        ParallelText(name=f"{Path(name).name}/{of}", languages=tuple(files), read=partial(_lines, files))
        for of, files in sets.items()
    ]


def parallel_tasks() -> tuple[str, ...]:
    """The tasks whose test set says the same in every language."""
    return tuple(name for name in registry.names("tasks") if registry.find("tasks", name).parallel)


def _lines(files: Mapping[str, Path]) -> Segments:
    return {
        language: {(str(number), ""): line for number, line in enumerate(lines) if line.strip()}
        for language, lines in aligned(files).items()
    }


def _of_task(task: Task, name: str, data: Path | None, where: str, made_in: Path) -> ParallelText:
    if not task.parallel:
        known = ", ".join(parallel_tasks())
        raise ConfigError(f"the test sets of {name} are not parallel", where=where, hint=f"these are: {known}")
    found = discovery.discover(task, data, made_in=made_in)
    languages = found.languages(task.test_split)
    if not languages:
        hint = "--data DIR names the folder that holds it" if data is None else ""
        raise NotFound(f"no test set of {name}" + ("" if data is None else f" below {data}"), where=where, hint=hint)
    return ParallelText(name=name, languages=languages, read=partial(_rows, task, found))


def _rows(task: Task, found: TaskFiles) -> Segments:
    return {
        language: dict(_segments(discovery.read(task, found.of(task.test_split, language), language), language))
        for language in found.languages(task.test_split)
    }


def _segments(examples: Sequence[Example], language: str) -> Iterator[tuple[Place, str]]:
    """Every text in the language that a model reads, once: a paragraph is repeated by each of its questions."""
    seen: set[tuple[str, str]] = set()
    for example in examples:
        for field, text, spoken_in in spoken(example, language):
            if spoken_in == language and text.strip() and (field, text) not in seen:
                seen.add((field, text))
                yield (example.example_id, field), text
