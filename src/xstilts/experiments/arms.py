"""The arms and targets of an experiment, as its file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ModelWrapValidatorHandler,
    SerializeAsAny,
    WrapValidator,
    field_validator,
    model_validator,
)

from xstilts.phases.methods import arm_of
from xstilts.phases.options.arm import BASELINE, Arm
from xstilts.phases.options.augment import AugmentKeys
from xstilts.phases.options.fields import Count, Files, Name, Text, language_id
from xstilts.phases.options.inline_task import InlineTask, TaskReference
from xstilts.phases.options.objective import ObjectiveKeys
from xstilts.phases.options.recipe import OwnBudget, RecipeSettings
from xstilts.phases.options.requests import RowRequest
from xstilts.phases.options.robustness import Robustness
from xstilts.phases.options.shots import ShotKeys, counted_shots
from xstilts.phases.options.validation import Options, Path, refuse, refuse_unknown

__all__ = ["BASELINE", "Arm", "IntermediateArm", "Target", "check_arm", "check_task"]


def _named_after_task(given: object) -> object:
    if isinstance(given, str):
        return {"name": given, "task": given}
    if isinstance(given, Mapping) and "name" not in given:
        task = given.get("task")
        if isinstance(task, str):
            return {"name": task, **given}
        if isinstance(task, Mapping | InlineTask):
            refuse("a task on your own files needs a name: write {name: …, task: …}")
    return given


def _of_its_method(given: object, handler: ModelWrapValidatorHandler[Arm]) -> Arm:
    given = _named_after_task(given)
    if isinstance(given, Mapping):
        return arm_of(given)
    return handler(given)


IntermediateArm = Annotated[SerializeAsAny[Arm], WrapValidator(_of_its_method)]
"""An arm with the keys of its method; a string is a task, which the arm is named after."""


class Target(Options):
    """One target task: fine-tuned in the source language, evaluated in every language."""

    name: Name
    task: TaskReference
    train_on: TaskReference | None = None
    """Another task whose training set is used, or a task on your own files with the same labels."""
    train_file: Files = ()
    """A stand-in for the training set; reports print it."""
    split: Literal["test", "dev"] | None = None
    """Which split is evaluated; by default the one that is usually published. Reports mention any other choice."""
    source: Text | None = None
    """The language that it is fine-tuned in, where its training set is in another one than the usual (English)."""
    shots: Annotated[ShotKeys, BeforeValidator(counted_shots)] | None = None
    """Few-shot examples of the target languages, added to its training set."""
    layer: Count | None = None
    """For a retrieval task: the hidden layer whose mean represents a sentence (1: after the first)."""
    objective: ObjectiveKeys | None = None
    """The objective of fine-tuning, if it is not the head's own loss."""
    augment: AugmentKeys | None = None
    """What makes more rows of those that fine-tuning trains on."""
    robustness: Robustness | None = None
    """Perturbations and pairs of languages under which it is evaluated as well."""
    recipe: RecipeSettings = RecipeSettings()
    budget: OwnBudget = OwnBudget()

    _written_short = model_validator(mode="before")(_named_after_task)

    @field_validator("source")
    @classmethod
    def _known_source(cls, given: str | None) -> str | None:
        return None if given is None else language_id(given)

    @model_validator(mode="after")
    def _fits_its_task(self) -> Self:
        if self.source and (isinstance(self.task, InlineTask) or isinstance(self.train_on, InlineTask)):
            refuse("the language of your own files is said with them (language: …)", at=("source",))
        if isinstance(self.task, InlineTask):
            for key in ("train_on", "train_file"):
                if getattr(self, key):
                    refuse("name the files under task.files", at=(key,))
        return self


def check_arm(arm: Arm, earlier: Mapping[str, Arm], tasks: tuple[str, ...], at: Path) -> None:
    """Ends a validator where an arm names a training set, or an arm to start from, that there is not."""
    if arm.after is not None and arm.after not in earlier:
        hint = "only arms that stand before it can be started from"
        refuse_unknown("earlier arm", arm.after, earlier, at=(*at, "after"), hint=hint)
    for request in arm.rows():
        if request.like in earlier and earlier[request.like].not_lent:
            refuse(f"{request.like!r} is {earlier[request.like].not_lent}", at=(*at, *request.key))
        if request.of_arm:
            _check_arm_or_task(request, earlier, tasks, (*at, *request.key))
        else:
            check_task(request.task, tasks, (*at, *request.key))


def check_task(task: str | InlineTask | None, tasks: tuple[str, ...], at: Path) -> None:
    """Ends a validator where a task is not registered."""
    if isinstance(task, str) and task not in tasks:
        refuse_unknown("task", task, tasks, at=at, hint="`xstilts list tasks` lists them")


def _check_arm_or_task(request: RowRequest, earlier: Mapping[str, Arm], tasks: tuple[str, ...], at: Path) -> None:
    name: Any = request.task
    if name in earlier and earlier[name].not_lent:
        refuse(f"{name!r} is {earlier[name].not_lent}", at=at)
    if name not in earlier and name not in tasks:
        refuse_unknown("task", name, {*earlier, *tasks}, at=at, hint="an earlier arm or a registered task")
