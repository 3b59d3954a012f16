"""Nodes that evaluate a checkpoint on one task in one language, or where languages share a pool in all of them."""

from __future__ import annotations

from collections.abc import Sequence

from xstilts import registry
from xstilts.data.sources import Part, Source
from xstilts.phases.datasets import planned
from xstilts.phases.prices import PREDICTION, Load, Price, evaluated
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_node import versions_of
from xstilts.phases.zero_shot import EvaluationParams
from xstilts.pipeline.node import Node
from xstilts.training.recipe import Recipe


def evaluation_node(
    target: Source,
    parts: Sequence[Part],
    start: StartingPoint,
    *,
    language: str,
    limit: int | None,
    recipe: Recipe,
    layer: int | None,
    label: str,
    tuning: tuple[str, Part] | None = None,
) -> Node:
    """A node that evaluates one checkpoint on the test rows of a target.

    Args:
        target: the task.
        parts: its test files, in one language or in all that share a pool.
        start: the checkpoint, or the model.
        language: for the result: that of ``parts``, or ``all``.
        limit: examples of each language at most.
        recipe: gives the length of the rows, precision and micro-batches.
        layer: hidden layer whose mean represents a sentence.
        label: for people.
        tuning: the split and files of the same language on which decoding is tuned (mining).
    """
    test = planned(target, target.task.test_split, parts, limit=limit, prefix="test")
    datasets = [test]
    if tuning is not None:
        datasets.append(planned(target, tuning[0], [tuning[1]], limit=None, prefix="tuning"))
    metric = target.task.metric
    said = EvaluationParams(
        dataset=test.dataset,
        metric=metric,
        language=language,
        max_length=recipe.max_length,
        precision=recipe.precision,
        micro_batch_tokens=recipe.micro_batch_tokens,
        plain=recipe.plain,
        layer=layer,
        tuning=datasets[1].dataset if tuning else None,
    )
    surveys = [part.survey for part in parts]
    load = evaluated(target.task, surveys, start.architecture, limit=limit)
    if tuning is not None:
        load = Load(load.read + tuning[1].survey.characters, load.written)
    group = "+".join(sorted(parent.key for parent in start.parents.values())) or "model"
    return Node(
        kind="zero_shot",
        label=label,
        params={**start.params, **said.params()},
        versions=versions_of("zero_shot", start, [target])
        | {f"metrics.{metric}": registry.find("metrics", metric).version},
        data={**start.data, **{role: mark for one in datasets for role, mark in one.data.items()}},
        paths={**start.paths, **{role: file for one in datasets for role, file in one.paths.items()}},
        parents=start.parents,
        group=f"zero_shot {group}",
        estimate=Price(load=load, passes=PREDICTION, measured=all(one.measured for one in surveys)).estimate(),
    )
