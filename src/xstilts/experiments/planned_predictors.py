"""What predictors look at of every arm and target of an experiment: the nodes that they need, and what is lacking.

An arm's checkpoint is that of the first seed: predictors are there to be cheap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xstilts import registry
from xstilts.analysis.predictors.predictor import ROOM, Need
from xstilts.errors import ConfigError
from xstilts.experiments.planned_arms import PlannedArm
from xstilts.experiments.planned_targets import PlannedTarget
from xstilts.experiments.predictors import Predictors
from xstilts.heads.states import by_state
from xstilts.models.architecture import architecture_named
from xstilts.phases import few_shot_proxy, predictor_features, task_embedding
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_node import training_rows
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import Node

if TYPE_CHECKING:
    from xstilts.experiments.cells import Cells
    from xstilts.training.checkpoint import TaskHead

LARGEST = "size"
WRITTEN: tuple[Need, ...] = ("features", "head", "text", "task")
"""What is not defined of a model that writes its answers."""


@dataclass(frozen=True, kw_only=True)
class PlannedPrediction:
    """What is looked at of an arm and a target.

    Attributes:
        languages: that the target is evaluated in.
        own: whether the arm trains on the target's own training set.
        nodes: need → what it is read from: of ``text`` and ``task`` first the arm's, then, last, the target's.
        weights: of the arm's training sets in its text embedding.
        lacks: need → why it is not there.
        examples: that the arm trains on; None: it has none.
        source_languages: that it trains in.
    """

    arm: str
    target: str
    languages: tuple[str, ...]
    own: bool
    nodes: Mapping[Need, tuple[Node, ...]]
    weights: tuple[int, ...]
    lacks: Mapping[Need, str]
    examples: int | None
    source_languages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PlannedPredictors:
    """What predicts the best intermediate task of an experiment.

    Attributes:
        used: the predictors, by name.
        start: what all trainings start from: it belongs to no predictor's price.
    """

    asked: Predictors
    used: tuple[str, ...]
    pairs: tuple[PlannedPrediction, ...]
    start: StartingPoint

    @property
    def nodes(self) -> list[Node]:
        """All nodes that any of them reads."""
        every = (node for pair in self.pairs for of_need in pair.nodes.values() for node in of_need)
        return list({node.key: node for node in every}.values())


def planned_predictors(
    asked: Predictors | None, arms: Mapping[str, PlannedArm], targets: Sequence[PlannedTarget], cells: Cells
) -> PlannedPredictors | None:
    """The nodes of all predictors that are asked for; None where none is.

    Raises:
        ConfigError: one is named that the model does not allow.
    """
    if asked is None:
        return None
    used = _used(asked, cells.start.architecture)
    needs = {need for name in used for need in registry.find(ROOM, name).needs}
    pairs = tuple(_Pair(arm, target, cells, asked).planned(needs) for target in targets for arm in arms.values())
    return PlannedPredictors(asked=asked, used=used, pairs=pairs, start=cells.start)


def _used(asked: Predictors, architecture: str) -> tuple[str, ...]:
    """Those that are named, by default all that the model allows; and the largest data, which all have to beat."""
    written = WRITTEN if architecture_named(architecture).writes else ()
    found = []
    for name in asked.use or registry.names(ROOM):
        if any(need in written for need in registry.find(ROOM, name).needs):
            if asked.use:
                raise ConfigError(
                    f"{name} looks at the states of a model that decides between classes; this one writes its answers",
                    where="predictors",
                    hint="name others, or write predictors: true for all that the model allows",
                )
            continue
        found.append(name)
    return tuple(dict.fromkeys([*found, LARGEST]))


class _Pair:
    """An arm and a target."""

    def __init__(self, arm: PlannedArm, target: PlannedTarget, cells: Cells, asked: Predictors) -> None:
        self.arm, self.target, self.cells, self.asked = arm, target, cells, asked
        self.name = arm.given.name

    def planned(self, needs: set[Need]) -> PlannedPrediction:
        """With the nodes of what is needed."""
        nodes: dict[Need, tuple[Node, ...]] = {}
        lacks: dict[Need, str] = {}
        own = _own(self.arm, self.target)
        makers = {
            "features": self._features,
            "head": self._features,
            "text": self._text,
            "task": self._task,
            "few_shot": self._few_shot,
        }
        for need in sorted(needs):
            if why := self._lacking(need):
                lacks[need] = why
            elif need in makers and not own:
                nodes[need] = makers[need]()
        sets = self.arm.sets
        return PlannedPrediction(
            arm=self.name,
            target=self.target.given.name,
            languages=tuple(dict.fromkeys(part.language for part in self.target.parts)),
            own=own,
            nodes=nodes,
            weights=tuple(one.examples for one in sets),
            lacks=lacks,
            examples=sum(one.examples for one in sets) if sets else None,
            source_languages=tuple(dict.fromkeys(language for one in sets for language in one.languages)),
        )

    def _lacking(self, need: Need) -> str:
        """Why something is not there; "" if it is."""
        if need in ("text", "task", "size", "languages") and not self.arm.sets:
            return "the arm trains on no labelled rows"
        if need in ("size", "languages"):
            return ""
        training = self.target.training
        if training is None:
            return "the target is not trained"
        if need in ("features", "head"):
            kind = training.source.task.kind
            if by_state(registry.find(f"heads.{self.cells.start.architecture}", kind)) is None:
                return f"{kind} does not decide between classes by single states"
        if need == "head" and self._head() is None:
            return "the arm's head does not give classes to what the target decides on"
        if need == "task" and self._trained_head() is None:
            return "the arm does not leave one trained head"
        return ""

    def _rows(self) -> TrainingSet:
        assert self.target.training is not None
        return predictor_features.some_of(self.target.training, self.asked.examples)

    def _features(self) -> tuple[Node, ...]:
        start, label = self.cells.after(self.name), f"predictor_features {self.target.given.name} ← {self.name}"
        return (predictor_features.node(self._rows(), start, label=label, head=self._head()),)

    def _text(self) -> tuple[Node, ...]:
        return tuple(self._texts())

    def _texts(self) -> Iterator[Node]:
        for one in self.arm.sets:
            yield self._of_text(predictor_features.some_of(one, self.asked.examples), self.name)
        yield self._of_text(self._rows(), self.target.given.name)

    def _of_text(self, rows: TrainingSet, of: str) -> Node:
        return predictor_features.node(rows, self.cells.start, label=f"predictor_features {of} ← no training")

    def _task(self) -> tuple[Node, ...]:
        (own,) = self.arm.sets
        rows = predictor_features.some_of(own, self.asked.examples)
        target = self.cells.fine_tuned(self.target)
        return (
            task_embedding.node(rows, self.cells.after(self.name), label=f"task_embedding {self.name}"),
            task_embedding.node(self._rows(), target, label=f"task_embedding {self.target.given.name}"),
        )

    def _few_shot(self) -> tuple[Node, ...]:
        assert self.target.selecting is not None
        return (
            few_shot_proxy.node(
                self.target.selecting,
                self.cells.after(self.name),
                examples=self.asked.examples,
                steps=self.asked.steps,
                seed=self.cells.experiment.seeds[0],
                label=f"few_shot_proxy {self.target.given.name} ← {self.name}",
            ),
        )

    def _trained_head(self) -> TaskHead | None:
        """The head that the arm's checkpoint has, of an arm that trains on one set."""
        if len(self.arm.sets) != 1:
            return None
        head = training_rows(self.arm.sets[0].originals, "rows").dataset.head(self.cells.start.architecture)
        return head if head.head.trainable and not head.head.language_model else None

    def _head(self) -> TaskHead | None:
        """The same, where it gives classes to what the target decides on."""
        head, training = self._trained_head(), self.target.training
        if training is None:
            return None
        fits = predictor_features.decides_on_the_same(head, training, self.cells.start.architecture)
        return head if fits else None


def _own(arm: PlannedArm, target: PlannedTarget) -> bool:
    """Whether an arm trains on rows that the target's fine-tuning trains on."""
    return bool(_marks(arm.sets) & _marks(target.trainings))


def _marks(sets: Sequence[TrainingSet]) -> set[str]:
    """The files of training sets; of data that are not here, the task."""
    found: set[str] = set()
    for one in sets:
        files = {mark for part in one.parts for mark in part.fingerprints}
        found |= files or {one.source.name}
    return found
