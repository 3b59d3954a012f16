"""Intermediate training on a region of a data map: the ambiguous, the hard or the easy rows of a task.

While a model trains, the probability that it gives to each row's gold label is recorded once an epoch, from the forward
pass that trains it. Confidence is the mean of these, variability their standard deviation (of the population), and
correctness the number of epochs in which the gold label was the most probable one. Ambiguous rows are those of the
highest variability, hard ones of the lowest confidence, easy ones of the highest. Rows that tie are in the order of
their ids, and a fraction is taken within each language. The authors' code takes one row more than the fraction says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator, model_validator

from xstilts.phases import subset_arm, supervised
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import Located, located_examples
from xstilts.phases.options.fields import Text
from xstilts.phases.options.recipe import RecipeSettings
from xstilts.phases.options.requests import SelectorRequest
from xstilts.phases.options.validation import refuse, refuse_unknown
from xstilts.phases.phase import Method, Phase
from xstilts.phases.subset_arm import MATCHED, Fraction, SelectedArm
from xstilts.phases.subset_entry import Chosen
from xstilts.phases.subset_rows import best_of_each_language
from xstilts.phases.training_node import Training
from xstilts.phases.training_params import TrainingParams
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.pipeline.writer import Writer

if TYPE_CHECKING:
    from xstilts.training.dynamics import Dynamics
    from xstilts.training.loop import Stream
    from xstilts.training.recipe import Recipe

REGIONS = {"ambiguous": ("variability", -1), "hard": ("confidence", 1), "easy": ("confidence", -1)}
"""Region → the score that its rows are ordered by, and whether it rises (1) or falls (-1)."""
FILE = "dynamics.npz"
EPOCHS = 5


class Cartography(SelectedArm):
    """Trains on a region of the data map of one task."""

    region: Text
    """``ambiguous``, ``hard`` or ``easy``."""
    fraction: Fraction = 0.3319
    """Of the rows of each language; the published ones are .01, .05, .10, .1667, .25, .3319, .50 and .75."""
    chooser_recipe: RecipeSettings = RecipeSettings()
    """How the model is trained whose dynamics are recorded, over the arm's own recipe; by default for 5 epochs."""

    def selector(self) -> SelectorRequest:
        """The model whose dynamics are recorded, by default over five epochs."""
        asked = super().selector()
        return replace(asked, recipe={"epochs": EPOCHS, **asked.recipe})

    def chosen(self) -> str:
        """``the hard part (33 %) by dataset cartography``."""
        return f"the {self.region} part ({subset_arm.percent(self.fraction)}) by dataset cartography"

    @field_validator("region")
    @classmethod
    def _known_region(cls, given: str) -> str:
        if given not in REGIONS:
            refuse_unknown("region", given, REGIONS)
        return given

    @model_validator(mode="after")
    def _several_epochs(self) -> Self:
        epochs = self.chooser_recipe.epochs
        if epochs is not None and epochs < 2:
            refuse("variability needs at least two epochs", at=("chooser_recipe", "epochs"))
        return self


def nodes(arm: Cartography, plan: ArmPlan) -> Node:
    """The dynamics, the choice among the rows by them, and the training on what is chosen."""
    assert plan.selector is not None
    recording = Training(kind="cartography.dynamics", sets=(plan.selector.rows,), family=plan.selector.start.family)
    label = f"training dynamics of {plan.selector.rows.source.task.title}"
    dynamics = recording.node(plan.selector.start, seed=arm.chooser_seed, label=label)
    params = {"region": arm.region, "fraction": arm.fraction}
    choice = plan.step("choice", rows=subset_arm.pool(plan), params=params, parents={"dynamics": dynamics})
    return subset_arm.training(arm, plan, choice, kept=subset_arm.of_fraction(plan, arm.fraction))


class _Recording:
    """Keeps the dynamics of a training."""

    def moments(self, rows: Stream, recipe: Recipe) -> Dynamics:
        """The record, of every example that has rows."""
        from xstilts.training.dynamics import Dynamics

        examples = int(rows.rows.scalars["example"].max()) + 1
        self.dynamics = Dynamics(examples=examples, epochs=max(1, math.ceil(recipe.epochs)))
        return self.dynamics

    def write(self, node: Node, store: Store, writer: Writer) -> None:
        """The record with the names of its rows."""
        rows = located_examples(TrainingParams.read(node.params).tasks[0].train, node, store)
        count = self.dynamics.probability.shape[1]
        np.savez_compressed(
            writer.path(FILE),
            probability=self.dynamics.probability.numpy(),
            right=self.dynamics.right.numpy(),
            language=np.array([row.language for row in rows[:count]]),
            example_id=np.array([row.example.example_id for row in rows[:count]]),
        )


def _record(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    for node in nodes:
        supervised.fit(node, store, progress, watch=_Recording())


def coordinates(probability_EN: NDArray[Any], right_EN: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    """Confidence, variability and correctness of each row [N], over the epochs that trained it; NaN where none did."""
    seen_EN = ~np.isnan(probability_EN)
    epochs_N = seen_EN.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        values_EN = np.where(seen_EN, probability_EN, 0.0).astype(np.float64)
        confidence_N = values_EN.sum(axis=0) / epochs_N
        squares_EN = np.where(seen_EN, (values_EN - confidence_N) ** 2, 0.0)
        variability_N = np.sqrt(squares_EN.sum(axis=0) / epochs_N)
    correctness_N = (right_EN * seen_EN).sum(axis=0).astype(np.float64)
    return {"confidence": confidence_N, "variability": variability_N, "correctness": correctness_N}


def _choose(node: Node, dataset: Dataset, rows: Sequence[Located], store: Store) -> Chosen:
    map_of = _map(store, node.parents["dynamics"])
    nothing = {"confidence": math.nan, "variability": math.nan, "correctness": math.nan}
    found = [map_of.get((row.language, row.example.example_id), nothing) for row in rows]
    name, sign = REGIONS[node.params["region"]]
    order = [sign * one[name] for one in found]
    chosen = best_of_each_language(rows, order, fraction=float(node.params["fraction"]))
    return Chosen(rows=rows, chosen=chosen, scores={score: [one[score] for one in found] for score in nothing})


def _map(store: Store, dynamics: Node) -> Mapping[tuple[str, str], Mapping[str, float]]:
    """The coordinates of every row that was trained on, by language and id."""
    with np.load(store.open(dynamics.key).path(FILE)) as record:
        found = coordinates(record["probability"], record["right"])
        names = list(zip(record["language"].tolist(), record["example_id"].tolist(), strict=True))
    columns = {name: values.tolist() for name, values in found.items()}
    return {name: {axis: columns[axis][place] for axis in columns} for place, name in enumerate(names)}


PHASE = Method(
    title="A region of a data map: the ambiguous, hard or easy rows of a task (dataset cartography)",
    arm=Cartography,
    nodes=nodes,
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/2009.10795",
    steps={
        "dynamics": Phase(
            title="Trains a model and records what it makes of each row in every epoch", run=_record, trains=True
        ),
        "choice": Phase(title="A region of a data map", run=subset_arm.choosing(_choose)),
        "matched": MATCHED,
    },
)
