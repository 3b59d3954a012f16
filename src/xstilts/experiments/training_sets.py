"""Reads and counts training sets as an experiment asks for them, alike for arms and for targets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xstilts import registry
from xstilts.data.findings import Finding, Notebook
from xstilts.data.inventory import Inventory
from xstilts.data.sources import Part, Source, published_in
from xstilts.data.survey import Survey
from xstilts.errors import ConfigError, DataError
from xstilts.experiments.schema import Experiment
from xstilts.models.reference import ModelReference
from xstilts.phases.options.wording import listed
from xstilts.phases.training_set import TrainingSet, recipe_for
from xstilts.tasks.task import trains
from xstilts.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class TrainingSets:
    """Reads and counts training sets, as an experiment with this model and data asks for them.

    Attributes:
        share: of every training that is done: of its examples, and of its steps where they are limited.
    """

    experiment: Experiment
    inventory: Inventory
    reference: ModelReference
    share: float = 1.0

    @property
    def heads(self) -> str:
        """The registry's room of the heads that fit the model."""
        return f"heads.{self.architecture}"

    @property
    def architecture(self) -> str:
        """Of the model."""
        return self.reference.described.architecture

    def read(
        self, source: Source, limit: int | None, recipe: Recipe, *, dev_of: Source, languages: tuple[str, ...] = ()
    ) -> Finding[TrainingSet]:
        """A task's rows in ``languages``, by default in its source language.

        Args:
            dev_of: the task whose dev rows select.

        Raises:
            DataError: none of its rows has a label.
        """
        book = Notebook()
        language = source.task.source_language
        first, *others = [
            book.take(self.inventory.read(source, "train", one)) or _missing(one) for one in languages or (language,)
        ]
        for part in (first, *others):
            _check_labelled(part)
        found = TrainingSet(source=source, train=first, more=tuple(others), dev=None, limit=limit, recipe=recipe)
        found = self._share_of(found)
        if found.selects and not dev_of.task.select_on_train:
            found = replace(found, dev=book.take(self._dev(dev_of, source, language)))
        return book.finding(found)

    def _share_of(self, whole: TrainingSet) -> TrainingSet:
        """The first examples of a set: a share of them, and at least a batch."""
        if self.share == 1.0:
            return whole
        return replace(whole, limit=max(math.ceil(self.share * whole.examples), whole.recipe.batch_size))

    def selecting(self, training: TrainingSet, *, dev_of: Source) -> Finding[TrainingSet]:
        """A training set with the dev rows that select, whatever its own recipe asks for."""
        if training.dev is not None or dev_of.task.select_on_train:
            return Finding(value=training)
        book = Notebook()
        dev = book.take(self._dev(dev_of, training.source, training.source.task.source_language))
        return book.finding(replace(training, dev=dev))

    def _dev(self, target: Source, trained: Source, language: str) -> Finding[tuple[Source, str, Part] | None]:
        """What selects: the target's dev set, or where it has none in the language that of what it trains on.

        None where neither is published or here: rows of train are then held out. A tiny run asks nobody for it.
        """
        here_alone = self.experiment.profile == "tiny" and not self.inventory.planning
        for owner in (target, trained):
            split = owner.task.select_split
            if owner.part(split, language) or (not here_alone and self.inventory.published(owner, split, language)):
                book = Notebook()
                dev = book.take(self.inventory.read(owner, split, language))
                return book.finding((owner, split, dev) if dev else None)
        return Finding(value=None)

    def stand_in(self, source: Source, files: tuple[str, ...], whose: str, where: str) -> Finding[Source]:
        """The same task with other files to train on."""
        line = f"{whose}: training set of {source.task.title} replaced by {', '.join(files)}"
        return Finding(value=self.inventory.standing_in(source, files, where=where), stand_ins=(line,))

    def limit(self, *names: str) -> int | None:
        """The budget of a training set: by the first name that the experiment gives one for, else the default."""
        limits = self.experiment.budget.max_train_examples or {}
        for name in (*names, "default"):
            if name in limits:
                return limits[name]
        return None

    def recipe(self, source: Source, own: Mapping[str, Any]) -> Recipe:
        """The recipe of a training: the task's, the experiment's, and last its own settings."""
        recipe = recipe_for(source, self.reference, self.experiment.recipe.settings(), own)
        if self.share == 1.0 or recipe.max_steps is None:
            return recipe
        return recipe.over({"max_steps": math.ceil(self.share * recipe.max_steps)})


def check_trained(source: Source, languages: Sequence[str], where: str) -> None:
    """Refuses languages in which a task has no training set, neither here nor published.

    Raises:
        ConfigError: there is none; names the languages that it has, and tasks that have the missing one.
    """
    lacking = [language for language in languages if language not in source.trained_in]
    if not lacking:
        return
    known = sorted(source.trained_in)
    shown = ", ".join(known[:MOST]) + (", …" if len(known) > MOST else "")
    others = _others_in(source, lacking) if source.spec is None else []
    raise ConfigError(
        f"{source.called} has no training set in {listed(lacking)}; it has one in {shown or 'no language'}",
        where=where,
        hint=f"{listed(others)} {'has' if len(others) == 1 else 'have'}" if others else "",
    )


MOST = 20
"""Languages that a message names."""


def _others_in(source: Source, languages: Sequence[str]) -> list[str]:
    """Registered tasks with the same kind and labels that are published in all of these languages."""
    tasks = {name: registry.find("tasks", name) for name in registry.names("tasks") if name != source.name}
    alike = (source.task.kind, frozenset(source.task.labels))
    return [
        name
        for name, task in tasks.items()
        if (task.kind, frozenset(task.labels)) == alike and published_in(task).issuperset(languages)
    ]


def _missing(language: str) -> Part:
    """Takes the place of a training set that is missing, until all missing ones are named."""
    return Part(language=language, files=(), fingerprints=(), survey=Survey(examples=0, characters=0, measured=False))


def _check_labelled(part: Part) -> None:
    survey = part.survey
    if survey.measured and 0 < survey.examples == survey.unlabelled:
        raise DataError(
            f"none of its {survey.examples:,} rows has a gold, so there is nothing to learn or to choose among",
            file=part.files[0],
            hint="name the column of its labels, or another file",
        )


def for_target(name: str, target: Source, trained: Source, where: str) -> Source:
    """What a target trains on; examples made of another kind's are trained and selected as the target's are.

    Where a kind has no label set, the labels say how answers are read, and are the target's.
    """
    if not trains(trained.task, target.task):
        raise ConfigError(
            f"target {name} ({target.task.kind}) cannot train on {trained.name} ({trained.task.kind}): "
            "kind and labels must be equal",
            where=f"{where}.train_on",
        )
    if trained.task.kind == target.task.kind:
        labels = target.task.labels
        return trained if trained.task.labels == labels else replace(trained, task=replace(trained.task, labels=labels))
    same = {key: getattr(target.task, key) for key in ("kind", "metric", "max_length", "recipe")}
    return replace(trained, task=replace(trained.task, **same))
