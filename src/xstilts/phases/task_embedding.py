"""The task embedding of a checkpoint: how sensitive each unit of its body is to the task that it was trained on.

For every row (all rows of an example together) the gradient of the loss with the true label is taken at the checkpoint,
without dropout, and squared; the mean over examples is the diagonal of the empirical Fisher information. It is averaged
over the inputs of each unit, so that an embedding has as many numbers as the body has units and not as it has weights.
Embedding matrices and heads are left out: they belong to words and labels.

The published code squares the gradient of a batch, and keeps single weights and activations; here an example is a batch
of its own, which is what the Fisher information says, and the average over a unit's inputs is that of Task2Vec.

Source: Vu et al. (2020), arXiv 2005.00770; Achille et al. (2019), arXiv 1902.03545; code
adapter-hub/efficient-task-transfer at 607e899.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import CheckpointError
from xstilts.phases.datasets import Dataset
from xstilts.phases.dispatch import facts
from xstilts.phases.phase import Phase
from xstilts.phases.predictor_features import reading
from xstilts.phases.prices import TRAINING, Price
from xstilts.phases.row_features import FeatureParams
from xstilts.phases.start import start_of
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.token_cache import Tokenised, tokenised
from xstilts.phases.training_node import training_rows, versions_of
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.training.checkpoint import load_for

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    from xstilts.training.model import TransferModel

KIND, FILE = "task_embedding", "embedding.npy"
BYTES = 400_000
"""An entry, about: a number for each unit of 12 layers."""


def node(rows: TrainingSet, start: StartingPoint, *, label: str) -> Node:
    """The node that embeds a checkpoint.

    Args:
        rows: of the task that it was trained on; all of them are read.
        start: the checkpoint, with the head of the task.
        label: for people.
    """
    of = training_rows(rows, "rows")
    load = rows.load(start.architecture).times(float(rows.examples))
    return Node(
        kind=KIND,
        label=label,
        params={"dataset": of.dataset.params(), **reading(rows).params()},
        versions={**versions_of(KIND, start, rows.sources), **of.dataset.versions},
        data=of.data,
        paths=of.paths,
        parents={**start.parents, **of.parents},
        estimate=Price(passes=TRAINING, load=load, measured=rows.measured, kept=BYTES).estimate(),
    )


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    for one in nodes:
        _embed(one, store, progress)


def _embed(node: Node, store: Store, progress: Progress) -> None:
    from xstilts.engine.plain import Plain

    started, said, start = time.monotonic(), FeatureParams.read(node.params), start_of(node, store)
    dataset = Dataset.read(node.params["dataset"])
    data = tokenised(dataset, node, store, start, max_length=said.max_length, training=True)
    engine = Plain()
    try:
        model = load_for(start.directory, [data.head])
    except CheckpointError:  # a method may leave no head, or another one: then nothing is embedded
        found, tokens = np.zeros(0, dtype=np.float32), 0
    else:
        model.engine, pad_id = engine, int(start.tokenizer().pad_token_id)
        found = _squared(model, data, said.precision, pad_id=pad_id, progress=progress)
        tokens = data.rows.tokens
    with store.writer(node) as writer:
        np.save(writer.path(FILE), found)
        writer.facts.update(facts(started, tokens=tokens, threads=node.threads, engine=engine))


def _squared(
    model: TransferModel, data: Tokenised, precision: str, *, pad_id: int, progress: Progress
) -> NDArray[np.float32]:
    """The mean over examples of squared gradients, averaged over the inputs of each unit [units]."""
    import torch

    from xstilts.engine.batches import collate, to_tensors
    from xstilts.models.loading import base_of
    from xstilts.training.placement import accelerator_for

    accelerator = accelerator_for(precision)
    model.to(accelerator.device).eval()
    model.requires_grad_(False)
    body = list(units(base_of(model.encoder)))
    for weights in body:
        weights.requires_grad_(True)
    sums = [torch.zeros(len(weights), dtype=torch.float64) for weights in body]
    starts, columns = data.rows.of_examples(), model.heads[data.head.task].columns
    for place in range(len(starts) - 1):
        arrays = collate(data.rows, np.arange(starts[place], starts[place + 1]), pad_id=pad_id, columns=columns)
        with accelerator.autocast():
            loss, decided = model(to_tensors(arrays, accelerator.device), data.head.task)
        if not int(decided):  # nothing of it has a gold
            continue
        gradients = torch.autograd.grad(loss / decided, body, allow_unused=True)
        for total, gradient in zip(sums, gradients, strict=True):
            if gradient is not None:
                total += gradient.double().square().reshape(len(total), -1).mean(dim=1).cpu()
        progress.update(KIND, place + 1, len(starts) - 1)
    found: NDArray[np.float32] = (torch.cat(sums) / max(len(starts) - 1, 1)).numpy().astype(np.float32)
    return found


def units(body: PreTrainedModel) -> Iterator[torch.nn.Parameter]:
    """The weights of a model in the order of their names, without its embedding matrices."""
    import torch

    embedded = {
        id(weights)
        for module in body.modules()
        if isinstance(module, torch.nn.Embedding)
        for weights in module.parameters()
    }
    for _, weights in sorted(body.named_parameters()):
        if id(weights) not in embedded and weights.is_floating_point() and weights.ndim:
            yield weights


PHASE = Phase(
    title="Task embedding: the squared gradients of a checkpoint on its own task",
    run=_run,
    paper="https://arxiv.org/abs/2005.00770",
)
