"""The arms and targets of an experiment, and tasks on files of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator
from pydantic import Strict as StrictType

from xstilts import registry
from xstilts.data import user_tasks as user
from xstilts.data.user_files import UserFiles
from xstilts.experiments.recipes import MaskedLM, OwnBudget, Recipe
from xstilts.experiments.validation import (
    Columns,
    Count,
    Files,
    Label,
    Model,
    Name,
    Positive,
    Text,
    language_id,
    refuse,
    refuse_repeated,
    refuse_unknown,
)
from xstilts.reading.tables import FORMATS

BASELINE = "none"
"""The arm without intermediate training: always run, so never listed."""
MULTI_TASK_ONLY: Mapping[str, object] = {"tasks": (), "cap": None, "temperature": None, "mixture": "proportional"}
"""Keys that only an arm with ``method: multi_task`` has, and what they are elsewhere."""


def _one_of(what: str, known: tuple[str, ...]) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, str) and value not in known:
            refuse_unknown(what, value, known)
        return value

    return BeforeValidator(check)


class InlineTask(Model):
    """A task on files of the user's own."""

    files: Files = ()
    """The training set: one file or several, read as one."""
    kind: Annotated[str, _one_of("kind of task", user.kinds())]
    labels: Annotated[tuple[Label, ...], StrictType(False)] = ()
    """Left out: those found in the training set."""
    columns: dict[Text, Columns] = Field(default_factory=dict)
    """Role (``first``, ``second``, ``label`` …) → the file's column; several columns make one prompt, or choices."""
    format: Annotated[str, _one_of("format", ("squad", *set(FORMATS.values())))] | None = None
    """Of every file (``squad``: json in SQuAD's layout); by default told from the name."""
    dev: Files = ()
    test: dict[Text, Files] = Field(default_factory=dict)
    """Language → its test files. Files given without a language are in ``language``; ``{code}`` in a name stands for
    every language of which there is such a file.
    """
    language: Text = "eng-Latn"
    """The language of ``files`` and ``dev``."""
    metric: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _test_in_own_language(cls, given: object) -> object:
        if isinstance(given, Mapping) and isinstance(given.get("test"), str | list | tuple):
            return {**given, "test": {given.get("language") or "eng-Latn": given["test"]}}
        return given

    @field_validator("language")
    @classmethod
    def _known_language(cls, given: str) -> str:
        return language_id(given)

    @field_validator("metric")
    @classmethod
    def _known_metric(cls, given: str | None) -> str | None:
        if given is not None and given not in registry.names("metrics"):
            refuse_unknown("metric", given, registry.names("metrics"))
        return given

    @field_validator("test")
    @classmethod
    def _known_test_languages(cls, given: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        ids = [language_id(code, at=(code,)) for code in given]
        refuse_repeated(ids, "language")
        return dict(zip(ids, given.values(), strict=True))

    @field_validator("labels")
    @classmethod
    def _distinct_labels(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        refuse_repeated(given, "label")
        return given

    def request(self) -> UserFiles:
        """What the data room is asked for."""
        return UserFiles(**{name: getattr(self, name) for name in type(self).model_fields})

    @model_validator(mode="after")
    def _has_files(self) -> Self:
        if not self.files and not self.test:
            refuse("a task of your own needs files to train on, or test files")
        return self


TaskReference = Annotated[
    Annotated[Text, Tag("name")] | Annotated[InlineTask, Tag("inline")],
    Discriminator(lambda given: "inline" if isinstance(given, Mapping | InlineTask) else "name"),
]


def _named_after_task(given: object) -> object:
    if isinstance(given, str):
        return {"name": given, "task": given}
    if isinstance(given, Mapping) and "name" not in given:
        task = given.get("task")
        if isinstance(task, str):
            return {"name": task, **given}
        if isinstance(task, Mapping | InlineTask):
            refuse("a task on files of your own needs a name: write {name: …, task: …}")
    return given


class Arm(Model):
    """One intermediate training: a task, or several at once."""

    name: Name
    method: Literal["single_task", "multi_task"] = "single_task"
    task: TaskReference | None = None
    train_file: Files = ()
    """A stand-in for the task's own training set; reports print it."""
    languages: Annotated[tuple[Text, ...], StrictType(False)] = ()
    """Train on the task's rows in these languages, all together (translated training sets); left out: in English."""
    tasks: Annotated[tuple[Text, ...], StrictType(False)] = ()
    """Of a multi-task arm: earlier arms or registered tasks."""
    mixture: Literal["proportional", "temperature", "uniform"] = "proportional"
    """How often a task is drawn: p ∝ min(n, cap), p ∝ n^(1/temperature), or all alike."""
    cap: Count | None = None
    temperature: Annotated[Positive, Field(ge=1)] | None = None
    masked_lm: MaskedLM | None = None
    """Masked language modelling on plain text in a share of the steps, beside the arm's tasks."""
    recipe: Recipe = Recipe()
    """Over the experiment's. Tasks trained at once have one: what it leaves out comes from the first of them."""
    budget: OwnBudget = OwnBudget()

    _written_short = model_validator(mode="before")(_named_after_task)

    @model_validator(mode="after")
    def _fits_its_method(self) -> Self:
        if self.name == BASELINE:
            refuse(f"{BASELINE!r} is the baseline, which is always run; leave it out", at=("name",))
        if self.method == "single_task":
            self._check_single_task()
        else:
            self._check_multi_task()
        return self

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        ids = tuple(language_id(code, at=(i,)) for i, code in enumerate(given))
        refuse_repeated(ids, "language")
        return ids

    def _check_single_task(self) -> None:
        if self.task is None:
            refuse("key 'task' is missing: what the arm trains on")
        for key, neutral in MULTI_TASK_ONLY.items():
            if getattr(self, key) != neutral:
                refuse("only an arm with method: multi_task has this key", at=(key,))
        if isinstance(self.task, InlineTask) and self.train_file:
            refuse("name the files under task.files", at=("train_file",))
        if self.languages and (self.train_file or isinstance(self.task, InlineTask)):
            refuse("only a registered task's own training sets are chosen by language", at=("languages",))
        if isinstance(self.task, InlineTask) and not self.task.files:
            refuse("an arm needs files to train on", at=("task", "files"))

    def _check_multi_task(self) -> None:
        for key in ("task", "train_file", "languages"):
            if getattr(self, key):
                refuse("an arm with method: multi_task has tasks, not this key", at=(key,))
        if len(self.tasks) < 2:
            refuse("expected at least two tasks to train on at once", at=("tasks",))
        refuse_repeated(self.tasks, "task", at=("tasks",))
        for key, mixture in (("cap", "proportional"), ("temperature", "temperature")):
            if getattr(self, key) is not None and self.mixture != mixture:
                refuse(f"only mixture: {mixture} has this key; the mixture is {self.mixture}", at=(key,))
        if self.mixture == "temperature" and self.temperature is None:
            refuse("key 'temperature' is missing: mixture: temperature needs it")


class Target(Model):
    """One target task: fine-tuned in the source language, evaluated in every language."""

    name: Name
    task: TaskReference
    train_on: Text | None = None
    """Another task, whose training set is used."""
    train_file: Files = ()
    """A stand-in for the training set; reports print it."""
    split: Literal["test", "dev"] | None = None
    """Which split is evaluated; by default the published practice. Reports print another choice."""
    layer: Count | None = None
    """Of a retrieval task: the hidden layer whose mean represents a sentence (1: after the first)."""
    recipe: Recipe = Recipe()
    budget: OwnBudget = OwnBudget()

    _written_short = model_validator(mode="before")(_named_after_task)

    @model_validator(mode="after")
    def _fits_its_task(self) -> Self:
        if isinstance(self.task, InlineTask):
            for key in ("train_on", "train_file"):
                if getattr(self, key):
                    refuse("name the files under task.files", at=(key,))
        return self
