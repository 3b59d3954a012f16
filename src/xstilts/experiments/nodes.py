"""Builds the nodes of phases ii and iii: what each trains on, with which recipe, from which parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xstilts import registry
from xstilts.data.sources import Part, Source
from xstilts.experiments.mixed_text import MixedText
from xstilts.experiments.starting_point import Base
from xstilts.experiments.task_training import Training, training_estimate
from xstilts.phases.text_load import Load, evaluated
from xstilts.pipeline.node import Node
from xstilts.tasks.kind import versions_of
from xstilts.training.recipe import Recipe


def dataset(
    source: Source, split: str, parts: Sequence[Part], *, limit: int | None, prefix: str, hold_out: str | None = None
) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """A dataset as it stands in a node's parameters, with the data and paths of its files."""
    described: list[dict[str, Any]] = []
    data: dict[str, str] = {}
    paths: dict[str, str] = {}
    for part in parts:
        roles = [f"{prefix}/{part.language}/{index}" for index in range(len(part.fingerprints))]
        data.update(zip(roles, part.fingerprints, strict=True))
        paths.update({role: str(file) for role, file in zip(roles, part.files, strict=False)})
        described.append({"language": part.language, "files": roles})
    params: dict[str, Any] = {
        "task": source.name,
        "kind": source.task.kind,
        "labels": list(source.task.labels),
        "metric": source.task.metric,
        "split": split,
        "limit": limit,
        "parts": described,
    }
    if source.spec is not None:
        params["spec"] = dict(source.spec)
    if hold_out:
        params["hold_out"] = hold_out
    return params, data, paths


def train_node(
    kind: str,
    trainings: Sequence[Training],
    base: Base,
    *,
    seed: int,
    label: str,
    mixture: Mapping[str, Any] | None = None,
    mixed: MixedText | None = None,
) -> Node:
    """A node that trains on one task or several, with masked LM on the ``mixed`` text beside them."""
    tasks, data, paths = [], dict(base.data), dict(base.paths)
    for index, training in enumerate(trainings):
        entry, files, places = _task_entry(training, index)
        tasks.append(entry)
        data.update(files)
        paths.update(places)
    recipe = trainings[0].recipe
    params: dict[str, Any] = {**base.params, "tasks": tasks, "recipe": recipe.params(), "seed": seed}
    versions = _versions(kind, base, [t.source for t in trainings]) | _selection_versions(trainings)
    if mixture:
        params["mixture"] = dict(mixture)
    if mixed:
        params["masked_lm"] = mixed.params(recipe)
        data.update(mixed.data)
        paths.update(mixed.paths)
        head = f"heads.{base.architecture}"
        versions[f"{head}.masked_lm"] = registry.find(head, "masked_lm").version
    return Node(
        kind=kind,
        label=label,
        params=params,
        versions=versions,
        data=data,
        paths=paths,
        parents=dict(base.parents),
        estimate=training_estimate(trainings, mixture or {}, mixed, base.architecture),
    )


def evaluation_node(
    target: Source,
    parts: Sequence[Part],
    base: Base,
    *,
    split: str,
    language: str,
    limit: int | None,
    recipe: Recipe,
    layer: int | None,
    label: str,
    tuning: tuple[str, Part] | None = None,
) -> Node:
    """A node that evaluates one checkpoint on one task in one language (pooled tasks: in all).

    ``tuning``: the split and files of the same language on which decoding is tuned (mining).
    """
    described, data, paths = dataset(target, split, parts, limit=limit, prefix="test")
    tuned: dict[str, Any] = {}
    if tuning is not None:
        tuned["tuning"], dev_data, dev_paths = dataset(target, tuning[0], [tuning[1]], limit=None, prefix="tuning")
        data, paths = data | dev_data, paths | dev_paths
    metric = target.task.metric
    versions = _versions("zero_shot", base, [target])
    versions[f"metrics.{metric}"] = registry.find("metrics", metric).version
    surveys = [part.survey for part in parts]
    cost = evaluated(target.task, surveys, base.architecture, limit=limit)
    if tuning is not None:
        cost = Load(cost.read + tuning[1].survey.characters, cost.written)
    group = "+".join(sorted(parent.key for parent in base.parents.values())) or "model"
    return Node(
        kind="zero_shot",
        label=label,
        params={
            **base.params,
            "dataset": described,
            "metric": metric,
            "language": language,
            "max_length": recipe.max_length,
            "precision": recipe.precision,
            "micro_batch_tokens": recipe.micro_batch_tokens,
            **({"layer": layer} if layer else {}),
            **tuned,
        },
        versions=versions,
        data={**base.data, **data},
        paths={**base.paths, **paths},
        parents=dict(base.parents),
        group=f"zero_shot {group}",
        estimate={
            "characters": cost.read,
            "written": cost.written,
            "passes": 1,
            "measured": all(survey.measured for survey in surveys),
        },
    )


def _task_entry(training: Training, index: int) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """What a training node's parameters say of one task."""
    source = training.source
    held = training.selects and training.dev is None
    train, data, paths = dataset(
        source,
        "train",
        training.parts,
        limit=training.limit,
        prefix=f"{index}/train",
        hold_out="train" if held else None,
    )
    entry: dict[str, Any] = {"train": train, "max_length": training.recipe.max_length}
    if training.selects:
        examples = training.recipe.select_examples
        if training.dev is None:
            entry["dev"] = {**train, "hold_out": "dev", "limit": examples}
        else:
            owner, split, part = training.dev
            entry["dev"], dev_data, dev_paths = dataset(owner, split, [part], limit=examples, prefix=f"{index}/dev")
            data.update(dev_data)
            paths.update(dev_paths)
    return entry, data, paths


def _selection_versions(trainings: Sequence[Training]) -> dict[str, int]:
    """What decides which checkpoint is kept: the metrics, and the tasks whose dev rows are read."""
    versions: dict[str, int] = {}
    for training in trainings:
        if training.selects:
            owner = training.dev[0] if training.dev else training.source
            versions[f"metrics.{owner.task.metric}"] = registry.find("metrics", owner.task.metric).version
            versions[f"tasks.{owner.name}"] = owner.task.version
    return versions


def _versions(kind: str, base: Base, sources: Sequence[Source]) -> dict[str, int]:
    versions = {
        f"phases.{kind}": registry.find("phases", kind).version,
        "phases.token_cache": registry.find("phases", "token_cache").version,
        f"models.{base.family}": registry.find("models", base.family).version,
    }
    for source in sources:
        room = f"heads.{base.architecture}"
        versions[f"{room}.{source.task.kind}"] = registry.find(room, source.task.kind).version
        versions |= versions_of(source.task.kind)
        versions[f"tasks.{source.name}"] = source.task.version
    return versions
