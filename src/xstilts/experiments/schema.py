"""The experiment: which model, which intermediate arms, which targets, in which languages, over which seeds.

This is the schema of the experiment file. Whatever shorthand a file uses (a string for an arm, one path for a list
of paths), the objects here hold one normal form. Values are checked here; files are looked for when the graph is
built.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, ValidationError, field_validator, model_validator
from pydantic import Strict as StrictType

from xstilts import registry
from xstilts.experiments import document
from xstilts.experiments.arms import Arm, InlineTask, Target
from xstilts.experiments.recipes import Budget, PretrainingRecipe, Recipe
from xstilts.experiments.validation import (
    Count,
    ExperimentError,
    Files,
    Model,
    Name,
    Share,
    Text,
    Whole,
    language_id,
    problems,
    refuse,
    refuse_repeated,
    refuse_unknown,
    shown,
)

if TYPE_CHECKING:
    import xstilts


class Pretraining(Model):
    """Phase i: masked language modelling, from nothing or continued from a pretrained model."""

    method: Literal["masked_lm"] = "masked_lm"
    text: Annotated[Files, Field(min_length=1)]
    """Folders of plain text, one file per language, or single such files; ``microworld`` is the built-in one."""
    parallel: Files = ()
    """Folders of line-aligned files: translation language modelling."""
    contrast: Share | None = None
    """Share of the tokens with which aligned pairs are also drawn together (InfoXLM's translation contrast)."""
    max_tokens: Count
    seed: Whole = 1
    recipe: PretrainingRecipe = PretrainingRecipe()

    @model_validator(mode="after")
    def _contrast_has_pairs(self) -> Self:
        if self.contrast and not self.parallel:
            refuse("translation contrast needs aligned text: parallel names none", at=("contrast",))
        return self


class Experiment(Model):
    """A whole study: every arm, and the baseline, on every target, language and seed."""

    name: Name
    model: Text
    """``family:checkpoint``, a hub id or a path; ``scratch:small`` starts from nothing."""
    pretraining: Pretraining | None = None
    intermediate: Annotated[tuple[Arm, ...], StrictType(False)] = ()
    targets: Annotated[tuple[Target, ...], StrictType(False), Field(min_length=1)]
    languages: Literal["all"] | Annotated[tuple[Text, ...], StrictType(False)] = "all"
    """Ids of languages (``swa-Latn``); a file may also use the benchmarks' codes."""
    seeds: Annotated[tuple[Whole, ...], StrictType(False), Field(min_length=1)] = (11, 12, 13)
    recipe: Recipe = Recipe()
    budget: Budget = Budget()
    profile: Literal["tiny"] | None = None
    """``tiny``: the same graph with a tiny model and budget."""

    _folder: Path | None = PrivateAttr(default=None)

    def __init__(self, **keys: Any) -> None:  # noqa: ANN401 – any, because it is what gets checked
        try:
            super().__init__(**keys)
        except ValidationError as error:
            raise ExperimentError(problems(error, keys)) from None

    @property
    def folder(self) -> Path | None:
        """Where the experiment file lies: relative data paths are looked up there after ``--data``."""
        return self._folder

    def beside(self, folder: Path) -> Self:
        """This experiment, its data paths relative to ``folder``."""
        self._folder = folder
        return self

    def as_yaml(self) -> str:
        """The experiment file that says this, without shorthand and without defaults."""
        said = self.model_dump(mode="json", exclude_defaults=True)
        return document.dump({**said, "seeds": list(self.seeds)})

    def run(self, **options: Any) -> xstilts.RunResult:  # noqa: ANN401 – those of `xstilts.run`
        """Runs the experiment; the options are those of `xstilts.run`, which the package root gives."""
        import xstilts

        return xstilts.run(self, **options)

    @field_validator("seeds")
    @classmethod
    def _distinct_seeds(cls, given: tuple[int, ...]) -> tuple[int, ...]:
        refuse_repeated(given, "seed")
        for index, seed in enumerate(given):
            if seed >= 2**32:
                refuse(f"{seed} is out of range; expected less than 2**32", at=(index,))
        return given

    @field_validator("languages", mode="before")
    @classmethod
    def _known_languages(cls, given: object) -> object:
        if isinstance(given, str) and given != "all":
            refuse(f"expected all or a list of languages, not {shown(given)}: write [{given}]")
        if not isinstance(given, list | tuple):
            return given
        if not given:
            refuse("the list is empty; expected all, or at least one language")
        ids = [language_id(code, at=(i,)) if isinstance(code, str) else code for i, code in enumerate(given)]
        refuse_repeated(ids, "language")
        return ids

    @model_validator(mode="after")
    def _names_fit_together(self) -> Self:
        tasks = registry.names("tasks")
        refuse_repeated([arm.name for arm in self.intermediate], "arm", at=("intermediate",), hint=_RENAME)
        refuse_repeated([target.name for target in self.targets], "target", at=("targets",), hint=_RENAME)
        earlier: dict[str, Arm] = {}
        for index, arm in enumerate(self.intermediate):
            _check_arm(arm, earlier, tasks, index)
            earlier[arm.name] = arm
        for index, target in enumerate(self.targets):
            for key in ("task", "train_on"):
                _check_task(getattr(target, key), tasks, ("targets", index, key))
        self._check_budget(tasks)
        return self

    def _check_budget(self, tasks: tuple[str, ...]) -> None:
        known = {"default", *tasks, *(arm.name for arm in self.intermediate), *(t.name for t in self.targets)}
        for name in self.budget.max_train_examples or {}:
            if name not in known:
                refuse_unknown("training set", name, known, at=("budget", "max_train_examples", name))


_RENAME = "give one of them a name of its own: {name: …, task: …}"


def _check_arm(arm: Arm, earlier: Mapping[str, Arm], tasks: tuple[str, ...], index: int) -> None:
    _check_task(arm.task, tasks, ("intermediate", index, "task"))
    for position, name in enumerate(arm.tasks):
        at = ("intermediate", index, "tasks", position)
        if name in earlier and earlier[name].method == "multi_task":
            refuse(f"{name!r} is itself an arm with several tasks; name its tasks", at=at)
        if name in earlier and earlier[name].masked_lm:
            refuse(f"{name!r} is an arm with masked_lm: name its task, and give this arm its own masked_lm", at=at)
        if name not in earlier and name not in tasks:
            refuse_unknown("task", name, {*earlier, *tasks}, at=at, hint="an earlier arm or a registered task")


def _check_task(task: str | InlineTask | None, tasks: tuple[str, ...], at: tuple[str | int, ...]) -> None:
    if isinstance(task, str) and task not in tasks:
        refuse_unknown("task", task, tasks, at=at, hint="`xstilts list tasks` lists them")
