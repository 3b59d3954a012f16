"""What an experiment becomes: a graph, and which cell of the gain matrix each of its nodes fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xstilts.data.sources import Part, Source
from xstilts.experiments.arms import Target
from xstilts.experiments.schema import Experiment
from xstilts.models.reference import ModelReference
from xstilts.phases.options.arm import Arm
from xstilts.phases.text_files import TextFiles
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.node import Node


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Which cell of the gain matrix a node fills; ``seed`` None: it depends on none."""

    arm: str
    target: str
    language: str
    seed: int | None
    node: Node


@dataclass(frozen=True, kw_only=True)
class Study:
    """An experiment as a graph.

    Attributes:
        evaluations: what each evaluation node is of; one node may fill several cells.
        notes: what people should know (files not read, inferred labels).
        stand_ins: training sets that were replaced.
        source_languages: target → the language it is trained in; without those that have no training.
        metrics: target → metric.
    """

    experiment: Experiment
    reference: ModelReference
    graph: Graph
    evaluations: tuple[Evaluation, ...]
    notes: tuple[str, ...]
    stand_ins: tuple[str, ...]
    source_languages: Mapping[str, str]
    metrics: Mapping[str, str]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in topological order."""
        return tuple(self.graph.nodes)


@dataclass(frozen=True, kw_only=True)
class PlannedArm:
    """An arm with its files.

    Attributes:
        sets: the training sets that it asks for, in its order.
        text: the plain text that it asks for; None: none.
    """

    given: Arm
    sets: tuple[TrainingSet, ...]
    text: TextFiles | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedTarget:
    """A target with its files.

    Attributes:
        training: the one that ends fine-tuning; None: there is none.
        before: what fine-tuning trains on first, one after the other.
        tuning: language → split and files on which decoding is tuned (mining).
    """

    given: Target
    source: Source
    parts: list[Part]
    training: TrainingSet | None
    before: tuple[TrainingSet, ...] = ()
    tuning: Mapping[str, tuple[str, Part]] = field(default_factory=dict)

    @property
    def trainings(self) -> tuple[TrainingSet, ...]:
        """All of fine-tuning, in order."""
        return (*self.before, self.training) if self.training else ()
