"""Nodes that train on labelled rows: what each reads, with which recipe, from which parents, at which price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from xstilts import registry
from xstilts.data.sources import Source
from xstilts.phases import token_cache
from xstilts.phases.datasets import PlannedDataset, planned
from xstilts.phases.methods import phase_of
from xstilts.phases.prices import TRAINING, Load, Price
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_params import Mixture, TrainedTask, TrainingParams
from xstilts.phases.training_set import TrainingSet
from xstilts.phases.versions import ROOMS
from xstilts.pipeline.node import JSON, Node, Shared
from xstilts.tasks import kind as kinds
from xstilts.training import sampling
from xstilts.training.objectives.choice import Choice


@dataclass(frozen=True, kw_only=True)
class Addition:
    """What a method adds to a training node, beside the tasks and the model."""

    params: Mapping[str, JSON] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Training:
    """A training on one task or several.

    Every arm and seed that has it trains alike: what its nodes have in common is described once.

    Attributes:
        kind: the phase that runs it.
        sets: its tasks; the recipe is that of the first.
        family: of the model.
        mixture: of several tasks.
        objective: under which it trains; None: the plain one.
        addition: what the method adds.
        price: left out: what the sets cost.
    """

    kind: str
    sets: Sequence[TrainingSet]
    family: str
    mixture: Mixture | None = None
    objective: Choice | None = None
    addition: Addition = field(default_factory=Addition)
    price: Price | None = None

    def node(self, start: StartingPoint, *, seed: int, label: str) -> Node:
        """The training of a model under a seed."""
        more = self.addition
        return Node(
            kind=self.kind,
            label=label,
            params={**start.params, **self._params, "seed": seed, **more.params},
            versions=self._versions,
            data={**start.data, **self._data} if start.data else self._data,
            paths={**start.paths, **self._paths} if start.paths else self._paths,
            parents={**start.parents, **self._subsets, **more.parents},
            estimate=self._estimate,
        )

    @cached_property
    def _tasks(self) -> tuple[tuple[TrainedTask, list[PlannedDataset]], ...]:
        return tuple(_task(training, position) for position, training in enumerate(self.sets))

    @cached_property
    def _params(self) -> dict[str, JSON]:
        tasks = tuple(task for task, _ in self._tasks)
        own = TrainingParams(
            tasks=tasks, recipe=self.sets[0].recipe, seed=0, mixture=self.mixture, objective=self.objective
        ).params()
        return {**own, "tasks": [Shared(task) for task in own["tasks"]], "recipe": Shared(own["recipe"])}

    @cached_property
    def _versions(self) -> Shared:
        sources = [source for training in self.sets for source in training.sources]
        versions = versions_of(self.kind, StartingPoint(family=self.family), sources) | _selection_versions(self.sets)
        versions |= self.objective.versions if self.objective else {}
        for task, _ in self._tasks:
            versions |= task.train.transform.versions if task.train.transform else {}
        return Shared({**versions, **self.addition.versions})

    @cached_property
    def _data(self) -> Shared:
        files = {role: mark for _, datasets in self._tasks for one in datasets for role, mark in one.data.items()}
        return Shared({**files, **self.addition.data})

    @cached_property
    def _subsets(self) -> dict[str, Node]:
        return {role: node for _, datasets in self._tasks for one in datasets for role, node in one.parents.items()}

    @cached_property
    def _paths(self) -> Shared:
        files = {role: file for _, datasets in self._tasks for one in datasets for role, file in one.paths.items()}
        return Shared({**files, **self.addition.paths})

    @cached_property
    def _estimate(self) -> Shared:
        architecture = StartingPoint(family=self.family).architecture
        return Shared(
            (self.price or price_of(self.sets, self.mixture, architecture, objective=self.objective)).estimate()
        )


def steps_of(sets: Sequence[TrainingSet], mixture: Mixture | None) -> float:
    """The steps that a training on these sets takes; the recipe is that of the first."""
    recipe, cap = sets[0].recipe, mixture.cap if mixture else None
    whole = sum(min(one.examples, cap or one.examples) for one in sets) * recipe.epochs / recipe.batch_size
    return min(whole, recipe.max_steps or whole)


def price_of(
    sets: Sequence[TrainingSet], mixture: Mixture | None, architecture: str, *, objective: Choice | None = None
) -> Price:
    """What a training on these sets costs."""
    rows = steps_of(sets, mixture) * sets[0].recipe.batch_size
    drawn = mixture or Mixture()
    shares = sampling.mixture(
        [max(one.examples, 1) for one in sets],
        method=drawn.mixing,
        cap=drawn.cap,
        temperature=drawn.temperature or 1.0,
    )
    parts = [one.load(architecture).times(float(share) * rows) for one, share in zip(sets, shares, strict=True)]
    return Price(
        load=Load(sum(part.read for part in parts), sum(part.written for part in parts)),
        passes=objective.objective.passes if objective else TRAINING,
        measured=all(one.measured for one in sets),
        steps=rows / sets[0].recipe.batch_size,
    )


def versions_of(kind: str, start: StartingPoint, sources: Sequence[Source]) -> dict[str, int]:
    """The versions of all that a node uses which puts rows of ``sources`` through a model."""
    versions = {
        f"phases.{kind}": phase_of(kind).version,
        "phases.token_cache": token_cache.VERSION,
        **ROOMS,
        **start.versions,
    }
    room = f"heads.{start.architecture}"
    for source in sources:
        versions[f"{room}.{source.task.kind}"] = registry.find(room, source.task.kind).version
        versions |= kinds.versions_of(source.task.kind)
        versions[f"tasks.{source.name}"] = source.task.version
    return versions


def training_rows(training: TrainingSet, prefix: str) -> PlannedDataset:
    """The rows that train: without those that are held out to select, those of its subset, transformed."""
    found = _joined_rows(training, prefix) if training.joined else _own_rows(training, prefix)
    subset = f"{prefix}/subset"
    chosen = replace(found.dataset, subset=subset if training.subset else None, transform=training.transform)
    parents = {**found.parents, **({subset: training.subset} if training.subset else {})}
    found = replace(found, dataset=chosen, parents=parents)
    return training.augmentation.of(found, prefix) if training.augmentation else found


def _own_rows(training: TrainingSet, prefix: str) -> PlannedDataset:
    found = planned(
        training.source,
        training.split,
        training.parts,
        limit=training.limit,
        prefix=prefix,
        hold_out="train" if training.holds_out else None,
    )
    return replace(found, dataset=replace(found.dataset, relabel=training.relabel))


def _joined_rows(training: TrainingSet, prefix: str) -> PlannedDataset:
    """The rows of several sets as one: the files of each under roles of its own."""
    parts = [training_rows(one, f"{prefix}/{place}") for place, one in enumerate(training.joined)]
    whole = planned(training.source, training.split, [], limit=training.limit, prefix=prefix)
    return PlannedDataset(
        dataset=replace(whole.dataset, joined=tuple(part.dataset for part in parts)),
        data={role: mark for part in parts for role, mark in part.data.items()},
        paths={role: file for part in parts for role, file in part.paths.items()},
        parents={role: node for part in parts for role, node in part.parents.items()},
    )


def _task(training: TrainingSet, position: int) -> tuple[TrainedTask, list[PlannedDataset]]:
    """One task as the parameters describe it, and the datasets whose files the node takes over."""
    train = training_rows(training, f"{position}/train")
    task = TrainedTask(train=train.dataset, max_length=training.recipe.max_length)
    if not training.selects:
        return task, [train]
    examples = training.recipe.select_examples
    if training.selected_on is not None:
        rows = training_rows(training.selected_on, f"{position}/dev")
        return replace(task, dev=rows.dataset.held_out(examples)), [train, rows]
    if training.dev is None:
        return replace(task, dev=train.dataset.held_out(examples)), [train]
    owner, split, part = training.dev
    dev = planned(owner, split, [part], limit=examples, prefix=f"{position}/dev")
    return replace(task, dev=dev.dataset), [train, dev]


def _selection_versions(sets: Sequence[TrainingSet]) -> dict[str, int]:
    """What decides which checkpoint is kept: the metrics, and the tasks whose dev rows are read."""
    versions: dict[str, int] = {}
    for training in sets:
        if training.selects:
            owner = training.dev[0] if training.dev else training.source
            versions[f"metrics.{owner.task.metric}"] = registry.find("metrics", owner.task.metric).version
            versions[f"tasks.{owner.name}"] = owner.task.version
    return versions
