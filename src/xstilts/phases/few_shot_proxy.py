"""A few steps of fine-tuning on few rows of a target, from the checkpoint that an arm leaves, and the dev score then.

The dev score is asked halfway as well, which the published recipe does after 5, 10, 25 and 50 steps; the last one is
what predicts. No checkpoint is kept.

Source: Poth et al. (2021), What to pre-train on? Efficient intermediate task selection, EMNLP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from xstilts.phases import supervised
from xstilts.phases.phase import Phase
from xstilts.phases.predictor_features import some_of
from xstilts.phases.prices import TRAINING, Price
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_node import Training, steps_of
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.pipeline.writer import Writer

if TYPE_CHECKING:
    from xstilts.training.loop import Stream
    from xstilts.training.moments import Moments
    from xstilts.training.recipe import Recipe

KIND, RECORD = "few_shot_proxy", "training.json"
BYTES = 10_000
ASKED = 2
"""Times that the dev score is asked: halfway and in the end."""


def node(rows: TrainingSet, start: StartingPoint, *, examples: int, steps: int, seed: int, label: str) -> Node:
    """The node that trains for a few steps.

    Args:
        rows: the target's training set.
        start: the checkpoint that an arm leaves.
        examples: of the training set, at most.
        steps: of the optimizer, at most: no more than the target's own fine-tuning has.
        seed: draws the order and the new head.
        label: for people.
    """
    steps = max(1, min(steps, round(steps_of((rows,), None))))
    recipe = replace(rows.recipe, max_steps=steps, epochs=float(steps), select_every=steps / ASKED, patience=None)
    recipe = replace(recipe, select_examples=min(recipe.select_examples, examples))
    few = replace(some_of(rows, examples), recipe=recipe)
    return Training(kind=KIND, sets=(few,), family=start.family, price=_price(few, start.architecture)).node(
        start, seed=seed, label=label
    )


def _price(rows: TrainingSet, architecture: str) -> Price:
    """Steps forward and backward, and twice the dev rows forward."""
    recipe = rows.recipe
    trained = (recipe.max_steps or 1) * recipe.batch_size
    return Price(
        load=rows.load(architecture).times(float(trained)),
        passes=TRAINING,
        measured=rows.measured,
        steps=float(recipe.max_steps or 1),
        dev=ASKED * recipe.select_examples / trained,
        kept=BYTES,
    )


class _Passing:
    """Keeps the record of the training, and no weights."""

    def moments(self, rows: Stream, recipe: Recipe) -> Moments:
        """Nothing beside the record."""
        from xstilts.training.moments import Moments

        return Moments()

    def write(self, node: Node, store: Store, writer: Writer) -> None:
        """Nothing beside the record."""


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    for one in nodes:
        supervised.fit(one, store, progress, watch=_Passing())


PHASE = Phase(
    title="A few steps of fine-tuning, whose dev score predicts which arm helps",
    run=_run,
    paper="https://arxiv.org/abs/2104.08247",
)
