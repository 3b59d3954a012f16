"""How much text a model reads and writes of a task's examples: from what was counted, or from published sizes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from xstilts.data.survey import Survey
from xstilts.models.architecture import TEXT_TO_TEXT
from xstilts.tasks.task import RETRIEVAL, Task

WRITTEN = {"extractive_qa": 25, "pair_classification": 5, "single_classification": 5, "multiple_choice": 5}
"""Characters that a text-to-text model writes for an example (an answer, a number and the end); of tags, as many as it
reads. Round figures: ByT5 writes 2 bytes of a number, 21 to 26 of an answer, and of tags 0.7 to 0.9 of what it reads.
"""
REPEATED = {"multiple_choice": 600}
"""Characters of a published example that are read again with further choices: half of its `survey.CHARACTERS`, before
each of three more.
"""


class Load(NamedTuple):
    """Characters that are read and written."""

    read: float
    written: float

    def times(self, factor: float) -> Load:
        """So many times as much."""
        return Load(self.read * factor, self.written * factor)


def load(task: Task, survey: Survey, architecture: str) -> Load:
    """All examples once. Encoders and decoders read a prompt with each of its choices, text-to-text models once."""
    if architecture != TEXT_TO_TEXT:
        again = survey.repeated if survey.measured else survey.examples * REPEATED.get(task.kind, 0)
        return Load(survey.characters + again, 0.0)
    if task.kind == "tagging":
        return Load(survey.characters, survey.characters)
    return Load(survey.characters, survey.examples * WRITTEN.get(task.kind, 0))


def evaluated(task: Task, surveys: Iterable[Survey], architecture: str, *, limit: int | None) -> Load:
    """What an evaluation reads and writes: ``limit`` examples of each set, of retrieval all, a shared pool once."""
    read = written = 0.0
    pools: dict[str, int] = {}
    for survey in surveys:
        share = 1.0 if task.kind in RETRIEVAL or not limit else min(1.0, limit / max(survey.examples, 1))
        of_set = load(task, survey, architecture).times(share)
        read, written = read + of_set.read - survey.pool, written + of_set.written
        pools[survey.candidates] = survey.pool
    return Load(read + sum(pools.values()), written)
