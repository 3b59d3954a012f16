"""Fine-tuning on a target task's training set, in English or in another source language, and on few-shot examples."""

from __future__ import annotations

from xstilts.phases import shots, supervised
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
    rows = of.sets[0]
    what = f"{rows.source.task.title}{' with few-shot examples' if rows.joined else ''}"
    return of.node(start, seed=seed, label=f"fine_tuning {what} ← {arm} · seed {seed}")


PHASE = Phase(
    title="Fine-tuning on a target task's training set",
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/2003.11080",
    version=4,
    steps={"shots": Phase(title="Few-shot examples of the target languages", run=shots.run)},
)
