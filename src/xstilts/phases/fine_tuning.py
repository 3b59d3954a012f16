"""Fine-tuning on a target task's English training set."""

from __future__ import annotations

from xstilts.phases import supervised
from xstilts.phases.phase import Phase
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_node import Training
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import Node
from xstilts.training.objectives.choice import Choice


def training(rows: TrainingSet, family: str, *, objective: Choice | None = None) -> Training:
    """The training that fine-tunes a model of a family."""
    return Training(kind="fine_tuning", sets=(rows,), family=family, objective=objective)


def node(of: Training, start: StartingPoint, *, arm: str, seed: int) -> Node:
    """The node that fine-tunes what an arm leaves."""
    return of.node(start, seed=seed, label=f"fine_tuning {of.sets[0].source.task.title} ← {arm} · seed {seed}")


PHASE = Phase(
    title="Fine-tuning on a target task's English training set",
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/2003.11080",
    version=4,
)
