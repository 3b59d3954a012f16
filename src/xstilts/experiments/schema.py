"""The experiment: which model, which intermediate arms, which targets, in which languages, over which seeds.

This is the schema of the experiment file. Whatever shorthand a file uses (a string for an arm, one path for a list
of paths), the objects here hold one normal form. Values are checked here; files are looked for when the graph is
built.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError, field_validator, model_validator
from pydantic import Strict as StrictType

from xstilts import registry
from xstilts.experiments import document
from xstilts.experiments.arms import Arm, IntermediateArm, Target, check_arm, check_task
from xstilts.experiments.companions import check_companions
from xstilts.experiments.explain import Explain
from xstilts.experiments.predictors import PredictorKeys
from xstilts.experiments.question import Question
from xstilts.phases.methods import PretrainingKeys
from xstilts.phases.options.fields import Count, Files, Name, Text, Whole, language_id
from xstilts.phases.options.recipe import RecipeSettings
from xstilts.phases.options.validation import (
    ExperimentError,
    Options,
    problems,
    refuse,
    refuse_repeated,
    refuse_unknown,
    shown,
)

if TYPE_CHECKING:
    import xstilts


def _by_training_set(value: object) -> object:
    return {"default": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


class Budget(Options):
    """How many examples are trained on and evaluated."""

    max_train_examples: Annotated[dict[Name, Count | None], BeforeValidator(_by_training_set)] | None = None
    """Limit per training set; ``default`` is the limit of all others; null: no limit."""
    max_eval_examples: Count | None = None
    """Limit per test set and language: a fixed sample, the same positions in every parallel language."""


class Experiment(Options):
    """A whole study: every arm, and the baseline, on every target, language and seed."""

    name: Name
    question: Question | None = None
    """What it is run to find out; its report opens with it and with the answer."""
    claims: Files = ()
    """Claim files, beside the experiment file, that are registered before it runs."""
    model: Text
    """``family:checkpoint``, a hub id or a path; ``scratch:small`` starts from scratch."""
    pretraining: PretrainingKeys | None = None
    intermediate: Annotated[tuple[IntermediateArm, ...], StrictType(False)] = ()
    targets: Annotated[tuple[Target, ...], StrictType(False), Field(min_length=1)]
    languages: Literal["all"] | Annotated[tuple[Text, ...], StrictType(False)] = "all"
    """Ids of languages (``swa-Latn``); a file may also use the benchmarks' codes."""
    seeds: Annotated[tuple[Whole, ...], StrictType(False), Field(min_length=1)] = (11, 12, 13)
    recipe: RecipeSettings = RecipeSettings()
    budget: Budget = Budget()
    explain: Explain | None = None
    """Which properties of the target languages go with the gains."""
    predictors: PredictorKeys = None
    """Which predictors of the best intermediate task are computed, and judged by the gains: true, or a list."""
    contamination: bool = True
    """Whether all that is trained on is looked through for the test sets; no result depends on it."""
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
        """The folder of the experiment file: relative data paths are looked up there after ``--data``."""
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
            check_arm(arm, earlier, tasks, ("intermediate", index))
            earlier[arm.name] = arm
        named = check_companions(self.intermediate, ("intermediate",))
        for index, target in enumerate(self.targets):
            for key in ("task", "train_on"):
                check_task(getattr(target, key), tasks, ("targets", index, key))
        self._check_budget(tasks)
        if self.predictors is not None:
            self.predictors.check_always([arm.name for one in self.intermediate for arm in (one, *one.companions())])
        if self.question is not None:
            forms = {target.name: target.robustness.forms if target.robustness else () for target in self.targets}
            few_shot = [target.name for target in self.targets if target.shots]
            spoken = None if self.languages == "all" else self.languages
            self.question.check(tuple(named), forms, spoken, ("question",), few_shot=few_shot)
        return self

    def _check_budget(self, tasks: tuple[str, ...]) -> None:
        arms = {arm.name for one in self.intermediate for arm in (one, *one.companions())}
        known = {"default", *tasks, *arms, *(t.name for t in self.targets)}
        for name in self.budget.max_train_examples or {}:
            if name not in known:
                refuse_unknown("training set", name, known, at=("budget", "max_train_examples", name))


_RENAME = "give one of them a name of its own: {name: …, task: …}"
