"""Arms that train on a subset of one task's rows, and the random subset that each is compared with.

A method of such an arm gives the node that chooses; everything else is here. The choice is made once: all seeds train
on the same rows. The random subset is drawn anew for every seed: its intervals include the luck of the draw.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, Self

from pydantic import Field

from xstilts.errors import ConfigError
from xstilts.phases import matched_rows, subset_entry
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.datasets import Dataset
from xstilts.phases.dispatch import facts
from xstilts.phases.examples import Located, located_examples
from xstilts.phases.options.arm import TaskArm
from xstilts.phases.options.fields import Text
from xstilts.phases.options.recipe import RecipeSettings
from xstilts.phases.options.requests import SelectorRequest
from xstilts.phases.phase import Phase, Run
from xstilts.phases.subset_entry import Chosen
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.reading.examples import Choice, Classified, Question, Tagged
from xstilts.tasks.kind import kind_of

Fraction = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
RANDOM = ".random"
"""Ends the name of the arm on the random subset."""
ROLE = "subset"
"""Of the node that chose, among the parents of the one that draws the random subset."""


class SubsetArm(TaskArm):
    """Trains on some of one task's rows; runs with an arm on a random subset of the same size, labels and languages."""

    matched_random: bool = False
    """Trains on the random subset instead. Every arm on a subset brings such an arm along: it need not be written."""

    def check_kinds(self, kinds: Sequence[str], *, where: str) -> None:
        """Only rows with one label each can be chosen from."""
        for name in kinds:
            kind = kind_of(name)
            if issubclass(kind.example, Tagged | Question):
                why = "whose answers have a structure (tags, spans), not one label a row"
            elif kind.parts is None or not issubclass(kind.example, Classified | Choice):
                why = "whose rows have no labels"
            else:
                continue
            raise ConfigError(
                f"method {self.method} chooses among labelled rows; {_task(self)} is of kind {name}, {why}",
                where=f"{where}.task",
                hint="a classification or multiple-choice set",
            )

    def companions(self) -> tuple[TaskArm, ...]:
        """The same arm on a random subset."""
        if self.matched_random:
            return ()
        return (self.model_copy(update={"name": f"{self.name}{RANDOM}", "matched_random": True}),)

    @property
    def not_lent(self) -> str:
        """Another arm takes the task alone."""
        return "an arm on a subset of a task: name the task"

    def chosen(self) -> str:
        """Which rows, in words: ``the hard part (33 %) by dataset cartography``."""
        raise NotImplementedError

    def sentences(self) -> tuple[str, ...]:
        """``mnli; the hard part (33 %) by dataset cartography``."""
        first, *rest = super().sentences()
        matched = "a random subset that matches in size, labels and language: " if self.matched_random else ""
        return (first, f"{matched}{self.chosen()}", *rest)


class SelectedArm(SubsetArm):
    """An arm whose subset a model chooses."""

    chooser: Text | None = None
    """The model that chooses, as ``model`` names one; by default the experiment's. It has to be an encoder."""
    chooser_recipe: RecipeSettings = RecipeSettings()
    """How it is trained, over the arm's own recipe."""
    chooser_seed: Annotated[int, Field(ge=0, lt=2**32)] = 1
    """Of its training, and of all that is drawn for the choice."""

    def selector(self) -> SelectorRequest:
        """The model that chooses."""
        return SelectorRequest(model=self.chooser, key=("chooser",), recipe=self.chooser_recipe.settings())

    def tiny(self) -> Self:
        """The experiment's own tiny model chooses, after a few steps."""
        recipe = self.chooser_recipe
        steps = {"max_steps": min(recipe.max_steps or TINY_STEPS, TINY_STEPS), "learning_rate": None}
        return self.model_copy(update={"chooser": None, "chooser_recipe": recipe.model_copy(update=steps)})


TINY_STEPS = 8


def pool(plan: ArmPlan) -> TrainingSet:
    """What is chosen among: the rows of the arm's one set as they were read, and none that an augmentation makes."""
    return plan.sets[0].originals


def training(arm: SubsetArm, plan: ArmPlan, choice: Node, *, kept: int | None) -> Node:
    """The training on the rows that a node chose, or on as many random ones.

    Args:
        kept: how many rows that leaves, where it is known.
    """
    rows = plan.sets[0]
    if arm.matched_random:
        choice = plan.step("matched", rows=pool(plan), seed=plan.seed, parents={ROLE: choice})
    return plan.training(sets=[replace(rows, subset=choice, kept=kept)])


def of_fraction(plan: ArmPlan, fraction: float | None) -> int | None:
    """How many rows a fraction of the set is, about: it is taken of each language."""
    return None if fraction is None else max(1, round(pool(plan).examples * fraction))


def percent(fraction: float) -> str:
    """``33 %``."""
    return f"{100 * fraction:.3g} %"


def _task(arm: SubsetArm) -> Any:  # noqa: ANN401 – a name, or a task on files
    return arm.task if isinstance(arm.task, str) else f"the task of {arm.name}"


def choosing(choose: Callable[[Node, Dataset, Sequence[Located], Store], Chosen]) -> Run:
    """The run of a step that chooses among the rows of each node's dataset, without putting them through a model."""

    def run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
        for node in nodes:
            started, dataset = time.monotonic(), Dataset.read(node.params["dataset"])
            chosen = choose(node, dataset, located_examples(dataset, node, store), store)
            with store.writer(node) as writer:
                subset_entry.write(chosen, dataset.kind, writer)
                writer.facts.update(facts(started, tokens=0, threads=node.threads))

    return run


MATCHED = Phase(title="A random subset that matches another in size, labels and languages", run=matched_rows.run)
"""The step ``matched`` of every method here."""
