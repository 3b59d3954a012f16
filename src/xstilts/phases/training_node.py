"""Nodes that train on labelled rows: what each reads, with which recipe, from which parents, at which price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from xstilts import registry
from xstilts.data.sources import Source
from xstilts.phases import token_cache
from xstilts.phases.datasets import PlannedDataset, planned
from xstilts.phases.methods import phase_of
from xstilts.phases.prices import TRAINING, Load, Price
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_params import Mixture, TrainedTask, TrainingParams
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import JSON, Node
from xstilts.tasks import kind as kinds
from xstilts.training import sampling


@dataclass(frozen=True, kw_only=True)
class Addition:
    """What a method adds to a training node, beside the tasks and the model."""

    params: Mapping[str, JSON] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, Node] = field(default_factory=dict)


def training_node(
    kind: str,
    sets: Sequence[TrainingSet],
    start: StartingPoint,
    *,
    seed: int,
    label: str,
    mixture: Mixture | None = None,
    addition: Addition | None = None,
    price: Price | None = None,
) -> Node:
    """A node that trains on one task or several.

    Args:
        kind: the phase that runs it.
        sets: its tasks; the recipe is that of the first.
        start: the model that it trains.
        mixture: of several tasks.
        addition: what the method adds.
        price: left out: what the sets cost.
    """
    more = addition or Addition()
    tasks: list[TrainedTask] = []
    data, paths = dict(start.data), dict(start.paths)
    for position, training in enumerate(sets):
        task, datasets = _task(training, position)
        tasks.append(task)
        for one in datasets:
            data.update(one.data)
            paths.update(one.paths)
    own = TrainingParams(tasks=tuple(tasks), recipe=sets[0].recipe, seed=seed, mixture=mixture)
    versions = versions_of(kind, start, [training.source for training in sets]) | _selection_versions(sets)
    return Node(
        kind=kind,
        label=label,
        params={**start.params, **own.params(), **more.params},
        versions={**versions, **more.versions},
        data={**data, **more.data},
        paths={**paths, **more.paths},
        parents={**start.parents, **more.parents},
        estimate=(price or price_of(sets, mixture, start.architecture)).estimate(),
    )


def steps_of(sets: Sequence[TrainingSet], mixture: Mixture | None) -> float:
    """The steps that a training on these sets takes; the recipe is that of the first."""
    recipe, cap = sets[0].recipe, mixture.cap if mixture else None
    whole = sum(min(one.examples, cap or one.examples) for one in sets) * recipe.epochs / recipe.batch_size
    return min(whole, recipe.max_steps or whole)


def price_of(sets: Sequence[TrainingSet], mixture: Mixture | None, architecture: str) -> Price:
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
        passes=TRAINING,
        measured=all(one.measured for one in sets),
    )


def versions_of(kind: str, start: StartingPoint, sources: Sequence[Source]) -> dict[str, int]:
    """The versions of all that a node uses which puts rows of ``sources`` through a model."""
    versions = {
        f"phases.{kind}": phase_of(kind).version,
        "phases.token_cache": token_cache.VERSION,
        **start.versions,
    }
    room = f"heads.{start.architecture}"
    for source in sources:
        versions[f"{room}.{source.task.kind}"] = registry.find(room, source.task.kind).version
        versions |= kinds.versions_of(source.task.kind)
        versions[f"tasks.{source.name}"] = source.task.version
    return versions


def training_rows(training: TrainingSet, prefix: str) -> PlannedDataset:
    """The rows that train, without those that are held out to select."""
    held = training.selects and training.dev is None
    return planned(
        training.source,
        "train",
        training.parts,
        limit=training.limit,
        prefix=prefix,
        hold_out="train" if held else None,
    )


def _task(training: TrainingSet, position: int) -> tuple[TrainedTask, list[PlannedDataset]]:
    """One task as the parameters describe it, and the datasets whose files the node takes over."""
    train = training_rows(training, f"{position}/train")
    task = TrainedTask(train=train.dataset, max_length=training.recipe.max_length)
    if not training.selects:
        return task, [train]
    examples = training.recipe.select_examples
    if training.dev is None:
        return replace(task, dev=replace(train.dataset, hold_out="dev", limit=examples)), [train]
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
