"""The key ``robustness`` of a target: perturbations, sets that people typed, and pairs of languages."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator
from pydantic import Strict as StrictType

from xstilts import registry
from xstilts.phases.options.fields import Text, Whole
from xstilts.phases.options.validation import Options, refuse, refuse_repeated, refuse_unknown
from xstilts.tasks.task import Task

ROOM = "data.transforms"
RATE = 0.05
"""Character errors per character, by default."""


def perturbations() -> tuple[str, ...]:
    """The names of all perturbations."""
    return tuple(name for name in registry.names(ROOM) if registry.find(ROOM, name).why_not is not None)


def typed_sets() -> tuple[str, ...]:
    """The names of all tasks that are the test rows of another one as people typed them."""
    return tuple(name for name in registry.names("tasks") if registry.find("tasks", name).typed_from)


def _in_target_languages(name: str) -> bool:
    """Whether a set was typed in another language than the source language of its task."""
    task: Task = registry.find("tasks", name)
    return any(language != task.source_language for language in task.languages)


class Robustness(Options):
    """Evaluations of a target beside those on its test rows as they are; a list names the perturbations alone."""

    perturbations: Annotated[tuple[Text, ...], StrictType(False)] = ()
    rate: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = RATE
    """Character error rate of every perturbation, the same in every language."""
    seed: Whole = 1
    """Of the perturbations; the same for every arm and seed of the experiment."""
    typed: Annotated[tuple[Text, ...], StrictType(False)] = ()
    """Sets that hold the target's test rows as people typed them, with their typing errors; read where they are."""
    pairs: bool = False
    """Whether pairs of sentences are also evaluated with the first in one language and the second in another."""

    @property
    def forms(self) -> tuple[str, ...]:
        """What a question may ask for: each perturbation, the minimum of each example over all of them, and pairs.

        Answers are means over target languages: what was typed in the source language alone has none.
        """
        found = (*self.perturbations, *filter(_in_target_languages, self.typed))
        lowest = ("minimum",) if found else ()
        return (*found, *lowest, *(("pairs",) if self.pairs else ()))

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, given: object) -> object:
        return {"perturbations": given} if isinstance(given, list | tuple) else given

    @field_validator("perturbations")
    @classmethod
    def _known(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        known = perturbations()
        for index, name in enumerate(given):
            if name not in known:
                refuse_unknown("perturbation", name, known, at=(index,))
        refuse_repeated(given, "perturbation")
        return given

    @field_validator("typed")
    @classmethod
    def _known_sets(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        known = typed_sets()
        for index, name in enumerate(given):
            if name not in known:
                refuse_unknown("set of typed rows", name, known, at=(index,))
        refuse_repeated(given, "set of typed rows")
        return given

    @model_validator(mode="after")
    def _asks_for_something(self) -> Robustness:
        if not self.perturbations and not self.typed and not self.pairs:
            refuse("names no perturbation; expected perturbations: [keyboard_slips, …], typed: […] or pairs: true")
        return self
