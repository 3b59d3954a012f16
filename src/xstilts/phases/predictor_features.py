"""What predictors of the best intermediate task see of some rows: states and classes, and the mean of the text.

The rows go through a model once, without training: the target's training rows through the checkpoint that an arm
leaves, or rows of either through the model that the run starts from. Where the checkpoint has a head that decides
between classes on the same (whole rows, or words), what it makes of the rows is kept as well.

Shape legend: R rows, N decisions, D hidden width, Z classes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts import registry
from xstilts.errors import CheckpointError
from xstilts.heads.states import StatesAndText, by_state
from xstilts.phases.datasets import Dataset
from xstilts.phases.dispatch import facts
from xstilts.phases.phase import Phase
from xstilts.phases.prices import PREDICTION, Price
from xstilts.phases.row_features import FeatureParams, put_through
from xstilts.phases.start import start_of
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.token_cache import tokenised
from xstilts.phases.training_node import training_rows, versions_of
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.training.checkpoint import Start, TaskHead, load_for

if TYPE_CHECKING:
    import torch

KIND, FILE = "predictor_features", "features.npz"
MOST = 5_000
"""Decisions that are kept at most: of more (the words of many sentences), as many at even distances."""


def some_of(rows: TrainingSet, examples: int) -> TrainingSet:
    """The rows of a training set that predictors look at: a fixed sample, without what an augmentation makes."""
    limit = min(rows.limit or examples, examples)
    return replace(rows.originals, limit=limit, kept=min(rows.examples, limit))


def reading(rows: TrainingSet) -> FeatureParams:
    """How rows are put through a model without training: as they are in training."""
    recipe = rows.recipe
    return FeatureParams(
        max_length=recipe.max_length,
        precision=recipe.precision,
        micro_batch_tokens=recipe.micro_batch_tokens,
        plain=recipe.plain,
    )


def decides_on_the_same(head: TaskHead | None, rows: TrainingSet, architecture: str) -> bool:
    """Whether a head that a checkpoint has gives classes to what the rows decide on."""
    if head is None or len(head.labels) < 2:
        return False
    own, other = by_state(head.head), by_state(registry.find(f"heads.{architecture}", rows.source.task.kind))
    return own is not None and other is not None and own.decides_on == other.decides_on


def node(rows: TrainingSet, start: StartingPoint, *, label: str, head: TaskHead | None = None) -> Node:
    """The node that reads some rows with a model.

    Args:
        rows: all of them are read.
        start: the model.
        label: for people.
        head: of the checkpoint, whose decisions are kept.
    """
    of = training_rows(rows, "rows")
    decided = {"head": {"kind": head.kind, "labels": list(head.labels)}} if head else {}
    heads = {f"heads.{start.architecture}.{head.kind}": head.head.version} if head else {}
    load = rows.load(start.architecture).times(float(rows.examples))
    return Node(
        kind=KIND,
        label=label,
        params={**start.params, "dataset": of.dataset.params(), **reading(rows).params(), **decided},
        versions={**versions_of(KIND, start, rows.sources), **of.dataset.versions, **heads},
        data={**start.data, **of.data},
        paths={**start.paths, **of.paths},
        parents={**start.parents, **of.parents},
        estimate=Price(passes=PREDICTION, load=load, measured=rows.measured, kept=BYTES).estimate(),
    )


BYTES = 4_000_000
"""An entry, about: 1,000 rows of 768 numbers."""


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    for one in nodes:
        _read(one, store, progress)


def _read(node: Node, store: Store, progress: Progress) -> None:
    from xstilts.heads.head import Head
    from xstilts.training.placement import accelerator_for

    started, said, start = time.monotonic(), FeatureParams.read(node.params), start_of(node, store)
    dataset = Dataset.read(node.params["dataset"])
    data = tokenised(dataset, node, store, start, max_length=said.max_length, training=False)
    head: Head = registry.find(f"heads.{start.architecture}", dataset.kind)
    encoder, decides = _model(node.params.get("head"), start)
    if decides is not None:
        decides.to(accelerator_for(said.precision).device).eval()
    outputs, engine = put_through(encoder, StatesAndText(head, decides), data.rows, node, start, progress)
    found = {"text": np.stack([one["text"] for one in outputs]).astype(np.float64).mean(axis=0).astype(np.float32)}
    if (states := by_state(head)) is not None:
        found |= _decisions(outputs, states.classes(data.rows))
    with store.writer(node) as writer:
        np.savez_compressed(writer.path(FILE), **found)
        writer.facts.update(facts(started, tokens=data.rows.tokens, threads=node.threads, engine=engine))


def _model(head: Mapping[str, Any] | None, start: Start) -> tuple[Any, torch.nn.Module | None]:
    """The model without heads; and the trained module of the head that is named, if the checkpoint has it."""
    if head is not None:
        asked = TaskHead(
            task="decides", kind=head["kind"], labels=tuple(head["labels"]), architecture=start.architecture
        )
        try:
            trained = load_for(start.directory, [asked])
        except CheckpointError:
            return start.backbone(seed=0), None
        return trained.encoder, trained.head_modules[0]
    return start.backbone(seed=0), None


def _decisions(outputs: Sequence[Mapping[str, Any]], classes: Sequence[NDArray[np.int64]]) -> dict[str, NDArray[Any]]:
    """States, classes and the head's probabilities of the decisions whose class is known."""
    class_N = np.concatenate([np.zeros(0, dtype=np.int64), *classes])
    kept = np.flatnonzero(class_N >= 0)
    if len(kept) > MOST:
        kept = kept[np.linspace(0, len(kept) - 1, MOST).round().astype(np.int64)]
    names = ["states", *(["probabilities"] if outputs and "probabilities" in outputs[0] else [])]
    found: dict[str, NDArray[Any]] = {
        name: np.concatenate([one[name] for one in outputs]).astype(np.float32)[kept] for name in names
    }
    return {**found, "classes": class_N[kept]}


PHASE = Phase(title="Rows as predictors of the best intermediate task see them", run=_run)
