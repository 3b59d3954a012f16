"""What a task adds to a training node, and what the node will train on: examples, steps, characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xstilts.data.sources import Part, Source
from xstilts.experiments.mixed_text import MixedText
from xstilts.models.reference import ModelReference
from xstilts.phases.text_load import Load, load
from xstilts.training import sampling
from xstilts.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Training:
    """One task's share in a training node.

    Attributes:
        source: the task whose rows train (the training set's, not the target's).
        train: its training rows.
        dev: the source and split of the selection rows, or None where rows of train are held out.
        limit: training examples at most.
        recipe: resolved.
        more: training rows in further languages, read as one set with the first.
    """

    source: Source
    train: Part
    dev: tuple[Source, str, Part] | None
    limit: int | None
    recipe: Recipe
    more: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """All training rows, by language."""
        return (self.train, *self.more)

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
    def examples(self) -> int:
        """Training examples of one epoch."""
        return min(self._all, self.limit or self._all)

    def load(self, architecture: str) -> Load:
        """What a model reads and writes of an example, on average."""
        whole = [load(self.source.task, part.survey, architecture) for part in self.parts]
        read, written = (sum(column) for column in zip(*whole, strict=True))
        return Load(read, written).times(1.0 / max(self._all, 1))

    @property
    def _all(self) -> int:
        return sum(part.survey.examples for part in self.parts)


def recipe_for(source: Source, reference: ModelReference, of_run: Mapping[str, Any], own: Mapping[str, Any]) -> Recipe:
    """Family's defaults, then the task's, then the experiment's, then the arm's or target's own."""
    task = {"max_length": source.task.max_length, **source.task.recipe}
    task["max_length"] = round(task["max_length"] * reference.described.length)
    recipe = Recipe().over(dict(reference.described.recipe), task, of_run, own)
    positions = reference.shape.positions if reference.shape else recipe.max_length
    return recipe.over({"max_length": min(recipe.max_length, positions)})


def training_estimate(
    trainings: Sequence[Training], mixture: Mapping[str, Any], mixed: MixedText | None, architecture: str
) -> dict[str, Any]:
    """What a node on these tasks costs, for `Node.estimate`.

    Args:
        trainings: its tasks; the recipe is that of the first.
        mixture: of several tasks: ``mixing``, ``cap`` and ``temperature``, as the loop's plan takes them.
        mixed: masked LM beside them.
        architecture: of the model.
    """
    recipe = trainings[0].recipe
    sizes = [training.examples for training in trainings]
    cap = mixture.get("cap")
    whole = sum(min(size, cap or size) for size in sizes) * recipe.epochs / recipe.batch_size
    steps = min(whole, recipe.max_steps or whole)
    shares = sampling.mixture(
        [max(size, 1) for size in sizes],
        method=mixture.get("mixing", "proportional"),
        cap=cap,
        temperature=mixture.get("temperature", 1.0),
    )
    cost = [
        training.load(architecture).times(float(share) * steps * recipe.batch_size)
        for training, share in zip(trainings, shares, strict=True)
    ]
    estimate: dict[str, Any] = {
        "characters": sum(one.read for one in cost),
        "written": sum(one.written for one in cost),
        "passes": 3,
        "measured": all(training.measured for training in trainings),
    }
    if mixed is not None:
        estimate["masked_tokens"] = mixed.tokens(steps, recipe)
        estimate["measured"] = estimate["measured"] and mixed.here
    return estimate
