"""Intermediate training on several tasks, mixed in proportion to their capped sizes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic import Strict as StrictType

from xstilts.phases import supervised, with_masked_lm
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.options.fields import Count, Positive, Text
from xstilts.phases.options.requests import RowRequest
from xstilts.phases.options.validation import refuse, refuse_repeated
from xstilts.phases.options.wording import counted, listed
from xstilts.phases.phase import Method
from xstilts.phases.training_params import Mixture
from xstilts.phases.with_masked_lm import MaskedLMArm
from xstilts.pipeline.node import Node


class MultiTask(MaskedLMArm):
    """Trains on several tasks at once, with one recipe: what it leaves out is taken from the first task."""

    tasks: Annotated[tuple[Text, ...], StrictType(False)]
    """Earlier arms, whose training sets are used, or registered tasks; at least two."""
    mixture: Literal["proportional", "temperature", "uniform"] = "proportional"
    """How often a task is drawn: p ∝ min(n, cap), p ∝ n^(1/temperature), or all tasks equally often."""
    cap: Count | None = None
    """For a proportional mixture: the largest number of examples that a task counts with."""
    temperature: Annotated[Positive, Field(ge=1)] | None = None
    """For a mixture by temperature: above 1, small tasks are drawn more often than their share."""

    def rows(self) -> tuple[RowRequest, ...]:
        """The training set of every task."""
        return tuple(
            RowRequest(task=name, key=("tasks", position), budget=name, of_arm=True)
            for position, name in enumerate(self.tasks)
        )

    def without(self, missing: frozenset[int]) -> Self | None:
        """The arm on the tasks that are left, if they are several."""
        kept = tuple(name for position, name in enumerate(self.tasks) if position not in missing)
        return self.model_copy(update={"tasks": kept}) if len(kept) > 1 else None

    @property
    def not_lent(self) -> str:
        """It has several."""
        return "itself an arm with several tasks; name its tasks"

    def sentences(self) -> tuple[str, ...]:
        """``nli and qamr at once, drawn by size up to 131,072 rows``."""
        capped = f", drawn by size up to {counted(self.cap, 'row')}" if self.cap else ""
        return (f"{listed(self.tasks)} at once{capped}", *super().sentences())

    @model_validator(mode="after")
    def _mixes_several(self) -> Self:
        if len(self.tasks) < 2:
            refuse("expected at least two tasks to train on at once", at=("tasks",))
        refuse_repeated(self.tasks, "task", at=("tasks",))
        for key, mixture in (("cap", "proportional"), ("temperature", "temperature")):
            if getattr(self, key) is not None and self.mixture != mixture:
                refuse(f"only mixture: {mixture} has this key; the mixture is {self.mixture}", at=(key,))
        if self.mixture == "temperature" and self.temperature is None:
            refuse("key 'temperature' is missing: mixture: temperature needs it")
        return self


def nodes(arm: MultiTask, plan: ArmPlan) -> Node:
    """One training on all of them."""
    mixture = Mixture(mixing=arm.mixture, cap=arm.cap, temperature=arm.temperature)
    return with_masked_lm.training(arm, plan, mixture=mixture)


PHASE = Method(
    title="Intermediate training on several tasks, mixed in proportion to their capped sizes",
    arm=MultiTask,
    nodes=nodes,
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/2005.13013",
    version=4,
)
