"""What an experiment becomes: a graph, and which cell of the gain matrix each of its nodes fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xstilts.experiments.explain import ExplainData
from xstilts.experiments.planned_predictors import PlannedPredictors
from xstilts.experiments.schema import Experiment
from xstilts.models.reference import ModelReference
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
class VariedEvaluation(Evaluation):
    """The same on test rows in another form: perturbed, or with the second sentence in another language."""

    perturbation: str = ""
    second: str = ""


@dataclass(frozen=True, kw_only=True)
class ExperimentGraph:
    """An experiment as a graph.

    Attributes:
        evaluations: what each evaluation node is of; one node may fill several cells.
        notes: what people should know (files not read, inferred labels).
        stand_ins: training sets that were replaced.
        source_languages: target → the language it is trained in; without those that have no training.
        metrics: target → metric.
        few_shot: target → language → how many of its examples fine-tuning trains on.
        varied: the evaluations on perturbed rows and in pairs of languages.
        undefined: target → perturbation → language → why it is not defined there.
        explain: what a regression of the gains reads, where the experiment asks for one.
        predictors: what predicts the best intermediate task, where the experiment asks for that.
    """

    experiment: Experiment
    reference: ModelReference
    graph: Graph
    evaluations: tuple[Evaluation, ...]
    notes: tuple[str, ...]
    stand_ins: tuple[str, ...]
    source_languages: Mapping[str, str]
    metrics: Mapping[str, str]
    few_shot: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    varied: tuple[VariedEvaluation, ...] = ()
    undefined: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    explain: ExplainData | None = None
    predictors: PlannedPredictors | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in topological order."""
        return tuple(self.graph.nodes)
