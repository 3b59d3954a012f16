"""The key that asks for predictors of the best intermediate task: which, on how many rows, in how many steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Self

from pydantic import BeforeValidator, field_validator
from pydantic import Strict as StrictType

from xstilts import registry
from xstilts.analysis.predictors.predictor import ROOM, Need
from xstilts.phases.options.fields import Count, Name, Text
from xstilts.phases.options.validation import Options, refuse_repeated, refuse_unknown

EXAMPLES, STEPS = 1_000, 50
"""Of the few-shot proxy as published (arXiv 2104.08247); the other predictors look at as many rows."""


class Predictors(Options):
    """Score every arm as preparation for every target before looking at the gains, and judge the scores by them."""

    use: Annotated[tuple[Text, ...], StrictType(False)] = ()
    """Their names (``xstilts list predictors``); by default all that the model allows."""
    examples: Count = EXAMPLES
    """Training rows of each task that they look at, at most."""
    steps: Count = STEPS
    """Of the few-shot proxy."""
    always: Name | None = None
    """The arm that a rival always takes, whatever the target: of NLI, say."""

    @field_validator("use")
    @classmethod
    def _known(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for place, name in enumerate(given):
            if name not in registry.names(ROOM):
                hint = "`xstilts list predictors` lists them"
                refuse_unknown("predictor", name, registry.names(ROOM), at=(place,), hint=hint)
        refuse_repeated(given, "predictor")
        return given

    def check_always(self, arms: Sequence[str]) -> None:
        """Ends a validator where the arm that is always taken is none."""
        if self.always is not None and self.always not in arms:
            refuse_unknown("arm", self.always, arms, at=("predictors", "always"))

    def wants(self, need: Need) -> bool:
        """Whether one of them looks at it."""
        return any(need in registry.find(ROOM, name).needs for name in self.use or registry.names(ROOM))

    def tiny(self, *, examples: int, steps: int) -> Self:
        """On fewer rows, in fewer steps."""
        fewer = {"examples": min(self.examples, examples), "steps": min(self.steps, steps)}
        return self.model_copy(update=fewer)


def _written_short(given: object) -> object:
    if isinstance(given, bool):
        return {} if given else None
    return {"use": given} if isinstance(given, str | Sequence) and not isinstance(given, Mapping) else given


PredictorKeys = Annotated[Predictors | None, BeforeValidator(_written_short)]
"""``true``, a list of names, or the keys."""
