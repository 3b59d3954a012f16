"""Fine-tuning on a target task's English training set."""

from __future__ import annotations

from xstilts.phases import supervised
from xstilts.phases.phase import Phase
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_node import training_node
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import Node


def node(training: TrainingSet, start: StartingPoint, *, arm: str, seed: int) -> Node:
    """The node that fine-tunes what an arm leaves."""
    label = f"fine_tuning {training.source.task.title} ← {arm} · seed {seed}"
    return training_node("fine_tuning", [training], start, seed=seed, label=label)


PHASE = Phase(
    title="Fine-tuning on a target task's English training set",
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/2003.11080",
    version=4,
)
