"""What nodes cost: how much text a model reads and writes, from what was counted or from published sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from xstilts.data.survey import Survey
from xstilts.models.architecture import architecture_named
from xstilts.tasks.kind import kind_of
from xstilts.tasks.task import Task

TRAINING, PREDICTION = 3, 1
"""Passes over the weights: forward, and in training twice as much backward."""


class Load(NamedTuple):
    """Characters that are read and written."""

    read: float
    written: float

    def times(self, factor: float) -> Load:
        """So many times as much."""
        return Load(self.read * factor, self.written * factor)


NOTHING = Load(0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a node costs, as `Node.estimate` holds it for the plan; never part of a key.

    Attributes:
        load: characters through the model.
        tokens: through the model, where they are known: instead of characters.
        masked_tokens: tokens of masked LM beside them; `TRAINING` passes each, whatever the others take.
        masked: whether all of its tokens are of masked LM.
        passes: over the weights; a method that computes each batch k times costs k times as many.
        measured: False where published sizes stand in for data that is not here.
        steps: updates of the weights, in training.
        beside: FLOPs that the model's own passes do not count: those of a teacher, and of further passes.
        dev: passes over dev rows, where these are no small part: tokens of them for each one that is trained on.
        kept: bytes that its entry takes, where it is neither a checkpoint nor an evaluation.
    """

    passes: int = PREDICTION
    load: Load = NOTHING
    tokens: int | None = None
    masked_tokens: int = 0
    masked: bool = False
    measured: bool = True
    steps: float = 0.0
    beside: float = 0.0
    dev: float = 0.0
    kept: int | None = None

    def estimate(self) -> dict[str, Any]:
        """For `Node.estimate`."""
        found: dict[str, Any] = {"passes": self.passes, "measured": self.measured}
        if self.steps:
            found["steps"] = self.steps
        if self.beside:
            found["beside"] = self.beside
        if self.dev:
            found["dev"] = self.dev
        if self.kept is not None:
            found["bytes"] = self.kept
        if self.masked:
            found["masked"] = True
        if self.masked_tokens:
            found["masked_tokens"] = self.masked_tokens
        if self.tokens is not None:
            return {**found, "tokens": self.tokens}
        return {**found, "characters": self.load.read, "written": self.load.written}

    @classmethod
    def read(cls, estimate: Mapping[str, Any]) -> Price:
        """What `estimate` wrote; what it does not say costs nothing."""
        return cls(
            load=Load(float(estimate.get("characters", 0.0)), float(estimate.get("written", 0.0))),
            passes=int(estimate.get("passes", PREDICTION)),
            tokens=estimate.get("tokens"),
            masked_tokens=int(estimate.get("masked_tokens", 0)),
            masked=bool(estimate.get("masked", False)),
            measured=bool(estimate.get("measured", True)),
            steps=float(estimate.get("steps", 0.0)),
            beside=float(estimate.get("beside", 0.0)),
            dev=float(estimate.get("dev", 0.0)),
            kept=estimate.get("bytes"),
        )


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
