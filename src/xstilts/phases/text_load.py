"""How much text a model reads and writes of a task's examples: from what was counted, or from published sizes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from xstilts.data.survey import Survey
from xstilts.models.architecture import architecture_named
from xstilts.tasks.kind import kind_of
from xstilts.tasks.task import Task


class Load(NamedTuple):
    """Characters that are read and written."""

    read: float
    written: float

    def times(self, factor: float) -> Load:
        """So many times as much."""
        return Load(self.read * factor, self.written * factor)


def load(task: Task, survey: Survey, architecture: str) -> Load:
    """All examples once, as a model of the architecture reads and writes them."""
    kind = kind_of(task.kind)
    again = survey.repeated if survey.measured else survey.examples * kind.repeated
    text = architecture_named(architecture).text(
        kind, examples=survey.examples, characters=survey.characters, repeated=again
    )
    return Load(text.read, text.written)


def evaluated(task: Task, surveys: Iterable[Survey], architecture: str, *, limit: int | None) -> Load:
    """What an evaluation reads and writes: ``limit`` examples of each set, of retrieval all, a shared pool once."""
    read = written = 0.0
    pools: dict[str, int] = {}
    for survey in surveys:
        share = 1.0 if kind_of(task.kind).retrieval or not limit else min(1.0, limit / max(survey.examples, 1))
        of_set = load(task, survey, architecture).times(share)
        read, written = read + of_set.read - survey.pool, written + of_set.written
        pools[survey.candidates] = survey.pool
    return Load(read + sum(pools.values()), written)
