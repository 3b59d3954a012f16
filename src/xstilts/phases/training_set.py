"""A training set as a node trains on it: its rows, the rows that select, its limit and its recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from xstilts.data.sources import Part, Source
from xstilts.errors import ConfigError
from xstilts.models.architecture import Architecture, architecture_named
from xstilts.models.reference import ModelReference
from xstilts.phases.augmentation import Augmentation
from xstilts.phases.datasets import ChosenTransform
from xstilts.phases.prices import Load, load
from xstilts.pipeline.node import Node
from xstilts.training.recipe import LORA, Recipe


@dataclass(frozen=True, kw_only=True)
class TrainingSet:
    """One task's share in a training node.

    Attributes:
        source: the task whose rows train (the training set's, not the target's).
        train: its training rows.
        dev: the source and split of the selection rows, or None where rows of train are held out.
        limit: training examples at most.
        recipe: resolved.
        more: training rows in further languages, read as one set with the first.
        subset: the node whose result says which of the rows train (`phases.subsets`).
        kept: how many rows that leaves, as far as is known beforehand: for the price.
        transform: what changes the rows that train.
        augmentation: what makes more rows of them, with what it reads.
        without_held_out: whether the rows that would be held out to select stay out though nothing is selected: they
            are another training's.
        split: of the rows; another one than ``train`` where few-shot examples are drawn from it.
        relabel: label of the rows → what it is called in the set that they are joined with.
        joined: sets whose rows, together, are the rows of this one.
        all_train: whether no row is held out: the rows that select are another set's.
        selected_on: the set whose held-out rows select, where they are not its own.
    """

    source: Source
    train: Part
    dev: tuple[Source, str, Part] | None
    limit: int | None
    recipe: Recipe
    more: tuple[Part, ...] = ()
    subset: Node | None = None
    kept: int | None = None
    transform: ChosenTransform | None = None
    augmentation: Augmentation | None = None
    without_held_out: bool = False
    split: str = "train"
    relabel: Mapping[str, str] | None = None
    joined: tuple[TrainingSet, ...] = ()
    all_train: bool = False
    selected_on: TrainingSet | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """All training rows, by language."""
        if self.joined:
            return tuple(part for one in self.joined for part in one.parts)
        return (self.train, *self.more)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The tasks whose rows these are, its own first."""
        return (self.source, *(source for one in self.joined for source in one.sources))

    @property
    def originals(self) -> TrainingSet:
        """The rows as they were read, without those that an augmentation makes: what is chosen among."""
        return replace(self, augmentation=None)

    @property
    def languages(self) -> tuple[str, ...]:
        """Of the training rows."""
        return tuple(part.language for part in self.parts)

    @property
    def here(self) -> bool:
        """Whether there are rows for all of it, to be read or at least to be priced."""
        return all(part.fingerprints for part in self.parts)

    @property
    def measured(self) -> bool:
        """Whether all of them were counted."""
        return all(part.survey.measured for part in self.parts)

    @property
    def selects(self) -> bool:
        """Whether there is more than one candidate to select from."""
        return self.recipe.epochs > self.recipe.select_every

    @property
    def holds_out(self) -> bool:
        """Whether some of its rows do not train, since there are no others to select by."""
        return not self.all_train and ((self.selects and self.dev is None) or self.without_held_out)

    @property
    def examples(self) -> int:
        """Training examples of one epoch."""
        kept = min(self._all, self.limit or self._all, self._all if self.kept is None else self.kept)
        return kept * (self.augmentation.factor if self.augmentation else 1)

    def load(self, architecture: str) -> Load:
        """What a model reads and writes of an example, on average."""
        whole = [load(self.source.task, part.survey, architecture) for part in self.parts]
        read, written = (sum(column) for column in zip(*whole, strict=True))
        return Load(read, written).times(1.0 / max(self._all, 1))

    @property
    def _all(self) -> int:
        return sum(part.survey.examples for part in self.parts)


def recipe_for(source: Source, model: ModelReference, of_run: Mapping[str, Any], own: Mapping[str, Any]) -> Recipe:
    """Family's defaults, then the task's, then the experiment's, then the arm's or target's own."""
    task = {"max_length": source.task.max_length, **source.task.recipe}
    task["max_length"] = round(task["max_length"] * model.described.length)
    architecture = architecture_named(model.described.architecture)
    _refuse_foreign(architecture, {**of_run, **own})
    recipe = Recipe().over(architecture.recipe, dict(model.described.recipe), task, of_run, own)
    positions = model.shape.positions if model.shape else recipe.max_length
    return recipe.over({"max_length": min(recipe.max_length, positions)})


def _refuse_foreign(architecture: Architecture, settings: Mapping[str, Any]) -> None:
    """Refuses settings of architectures that are trained in another way."""
    for name in LORA:
        if name in settings and name not in architecture.recipe:
            raise ConfigError(
                f"{name} is a setting of models that are trained through low-rank updates; this model "
                f"({architecture.name}) trains all of its weights",
                where=f"recipe.{name}",
                hint="leave it out",
            )
