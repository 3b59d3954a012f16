"""What is published of the tasks: languages by the benchmarks' own codes, sizes by language."""

from __future__ import annotations

from collections.abc import Mapping

from xstilts import languages
from xstilts.tasks.task import Task


def ids(codes: str, *, system: str = "xtreme") -> tuple[str, ...]:
    """Language ids of a benchmark's codes, in their order: ``ids("en sw")`` is ``("eng-Latn", "swa-Latn")``."""
    return tuple(languages.from_code(code, system).id for code in codes.split())


def sizes_of(split: str, counts: Mapping[str, int], *, system: str = "xtreme") -> dict[str, int]:
    """Sizes by language, from ``{"de en": 10_000, "sw": 1_000}``."""
    return {f"{split}-{id_}": count for codes, count in counts.items() for id_ in ids(codes, system=system)}


def size(task: Task, split: str, language: str) -> int | None:
    """The published number of examples, or None where none was read in a source."""
    exact = task.sizes.get(f"{split}-{language}")
    if exact is None and (task.parallel or language == task.source_language):
        return task.sizes.get(split)
    return exact
