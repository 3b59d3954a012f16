"""What a method is handed to build an arm's nodes with: the data that the arm asked for, the model, the seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xstilts.models.reference import ModelReference
from xstilts.phases.methods import phase_of
from xstilts.phases.options.arm import Arm
from xstilts.phases.options.recipe import RecipeSettings
from xstilts.phases.prices import Price
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.text_files import TextFiles
from xstilts.phases.training_node import Addition, Training, price_of, steps_of, training_rows, versions_of
from xstilts.phases.training_params import Mixture
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import JSON, Node
from xstilts.training.objectives.choice import Choice, chosen


@dataclass(frozen=True, kw_only=True)
class Selector:
    """The model that chooses among an arm's rows.

    Attributes:
        start: that it starts from.
        rows: what it is trained on, with its recipe.
    """

    start: StartingPoint
    rows: TrainingSet


@dataclass(frozen=True, kw_only=True)
class FileOf:
    """A file that an arm names beside its rows, under the role that its node gives it."""

    role: str
    fingerprint: str
    path: str


@dataclass(frozen=True, kw_only=True)
class ArmPlan:
    """An arm under one seed, everything that it reads found and counted.

    Attributes:
        start: the model that the arm trains.
        sets: the training sets that the arm asked for, in its order.
        text: the plain text that it asked for.
        selector: the model that chooses among its rows, if it asked for one.
        file: that it names beside its rows, if it names one.
        reference: the experiment's model.
        of_run: the experiment's recipe.
    """

    arm: Arm
    start: StartingPoint
    sets: tuple[TrainingSet, ...]
    text: TextFiles | None
    seed: int
    selector: Selector | None = None
    file: FileOf | None = None
    reference: ModelReference | None = None
    of_run: RecipeSettings = field(default_factory=RecipeSettings)

    def training(
        self,
        *,
        kind: str = "",
        sets: Sequence[TrainingSet] = (),
        mixture: Mixture | None = None,
        addition: Addition | None = None,
        price: Price | None = None,
    ) -> Node:
        """A training of the model on labelled rows.

        Args:
            kind: the phase that runs it; left out: the arm's method.
            sets: what it trains on; left out: all that the arm asked for.
            mixture: of several tasks.
            addition: parameters, versions, data and parents that the method adds.
            price: left out: what the sets cost.
        """
        kind = kind or self.arm.method
        training = Training(
            kind=kind,
            sets=sets or self.sets,
            family=self.start.family,
            mixture=mixture,
            objective=self.objective,
            addition=addition or Addition(),
            price=price,
        )
        return training.node(self.start, seed=self.seed, label=self._label(kind, self.seed))

    def step(
        self,
        name: str,
        *,
        rows: TrainingSet,
        params: Mapping[str, JSON] | None = None,
        seed: int | None = None,
        with_model: bool = False,
        parents: Mapping[str, Node] | None = None,
        file: FileOf | None = None,
        beside: Mapping[str, TrainingSet] | None = None,
        price: Price | None = None,
    ) -> Node:
        """A node of the method's own step ``name`` on the training rows of a set: a choice, an order, a score.

        Args:
            name: of the step (`Phase.steps`).
            rows: the rows of it that train are the parameter ``dataset``.
            params: further parameters.
            seed: where the result depends on it; left out: the node is the same for all seeds.
            with_model: whether it reads the model that the arm trains.
            parents: nodes that it reads, by role.
            file: a file that it reads beside the rows.
            beside: further sets that it reads: the rows of each are the parameter of that name.
            price: left out: nothing.
        """
        kind = f"{self.arm.method}.{name}"
        of = training_rows(rows, "rows")
        others = {key: training_rows(one, key) for key, one in (beside or {}).items()}
        start = self.start if with_model else StartingPoint(family=self.start.family)
        versions = {f"phases.{kind}": phase_of(kind).version, **of.dataset.versions}
        for one in others.values():
            versions |= one.dataset.versions
        return Node(
            kind=kind,
            label=self._label(kind, seed),
            params={**start.params, "dataset": of.dataset.params(), **(params or {})}
            | {key: one.dataset.params() for key, one in others.items()}
            | ({} if seed is None else {"seed": seed}),
            versions=versions_of(kind, start, [rows.source]) | versions if with_model else versions,
            data={**start.data, **of.data, **({file.role: file.fingerprint} if file else {})}
            | {role: mark for one in others.values() for role, mark in one.data.items()},
            paths={**start.paths, **of.paths, **({file.role: file.path} if file else {})}
            | {role: path for one in others.values() for role, path in one.paths.items()},
            parents={**start.parents, **of.parents, **(parents or {})},
            estimate=price.estimate() if price else {"tokens": 0},
        )

    def steps(self, mixture: Mixture | None = None) -> float:
        """Optimizer steps of a training on all that the arm asked for."""
        return steps_of(self.sets, mixture)

    def price(self, mixture: Mixture | None = None) -> Price:
        """What a training on all that the arm asked for costs."""
        return price_of(self.sets, mixture, self.start.architecture, objective=self.objective)

    @property
    def objective(self) -> Choice | None:
        """What the arm trains under; None: the plain objective."""
        return chosen(self.arm.objective)

    def _label(self, kind: str, seed: int | None) -> str:
        return f"{kind} {self.arm.name}" + (f" · seed {seed}" if seed is not None else "")
