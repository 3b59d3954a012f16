"""What a run would do and cost: tokens, FLOPs, time and disk per node. Never imports torch."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xstilts.experiments.experiment_graph import ExperimentGraph
from xstilts.models.family import Shape
from xstilts.models.reference import ModelReference
from xstilts.phases.prices import PREDICTION, TRAINING
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store

CHARACTERS_PER_TOKEN = 3.6
"""Measured with `scratch:small`'s tokenizer on its 28 languages; used until a node has run and counted.

Of a model that reads bytes, its family's ``length`` of them stand for one (`Family.length`).
"""
EVALUATION_BYTES = 40_000
TOKENIZER_BYTES = 2_000_000
MASKED_SHARE = 0.2
"""Of the tokens, for which masked LM multiplies with the vocabulary."""


def plan(study: ExperimentGraph, store: Store) -> list[dict[str, Any]]:
    """One row per node in topological order.

    ``basis`` is ``measured`` where the node has run, or where its data were read and counted; ``estimated`` where a
    published size stands in for data that is not here. FLOPs are 2 per multiplied parameter and token, three times
    that for training; a text-to-text model's tokens are what it reads and, in training, what it writes. Seconds come
    from nodes of the same kind that ran on this store, else from the speed of a matrix product on this machine.
    """
    manifests = dict(_manifests(study.nodes, store))
    rates = _rates(study.nodes, manifests, study.reference)
    return [_row(node, manifests.get(node.key), study.reference, rates) for node in study.nodes]


def _manifests(nodes: Sequence[Node], store: Store) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Of what is cached; a run computes again what is damaged."""
    for manifest in store.manifests(node.key for node in nodes):
        yield str(manifest["key"]), manifest


def _row(
    node: Node, manifest: Mapping[str, Any] | None, model: ModelReference, rates: Mapping[str, float]
) -> dict[str, Any]:
    facts: Mapping[str, Any] = (manifest or {}).get("facts", {})
    tokens = int(facts.get("tokens") or 0) if manifest else _tokens(node, model.described.length)
    flops = _flops(node, tokens, model)
    size = sum(f["bytes"] for f in manifest["files"].values()) if manifest else _bytes(node, model.shape)
    measured = bool(manifest) or bool(node.estimate.get("measured", True))
    return {
        "label": node.label,
        "key": node.key,
        "kind": node.kind,
        "parents": {role: parent.key for role, parent in node.parents.items()},
        "cached": manifest is not None,
        "tokens": tokens,
        "flops": flops,
        "seconds": facts.get("seconds") if manifest else _seconds(node, flops, rates),
        "bytes": size,
        "basis": "measured" if measured else "estimated",
    }


def _tokens(node: Node, length: float) -> int:
    """Tokens that pass through the model: what it reads, and in training what it learns to write."""
    estimate = node.estimate
    if "tokens" in estimate:
        return int(estimate["tokens"])
    characters = float(estimate.get("characters", 0.0)) + (
        float(estimate.get("written", 0.0)) if _trains(node) else 0.0
    )
    return round(characters * length / CHARACTERS_PER_TOKEN) + int(estimate.get("masked_tokens", 0))


def _flops(node: Node, tokens: int | None, model: ModelReference) -> float | None:
    shape, estimate = model.shape, node.estimate
    if not tokens or shape is None:
        return None if tokens else 0.0
    masked = tokens if node.kind == "masked_lm" else min(tokens, int(estimate.get("masked_tokens", 0)))
    # what is written passes through the decoder and the matrix that writes, token by token
    written = round(float(estimate.get("written", 0.0)) * model.described.length / CHARACTERS_PER_TOKEN)
    read = max(0, tokens - written) if _trains(node) else tokens
    output = shape.vocabulary * shape.hidden
    products = shape.body * (read - masked) + (shape.decoder + output) * written
    # masked LM trains under its own loss, whatever the objective of the tasks beside it takes
    of_masked = 2 * shape.body * masked + round(2 * shape.embedding * MASKED_SHARE) * masked
    return float(int(estimate.get("passes", PREDICTION)) * 2 * products + TRAINING * of_masked)


def _trains(node: Node) -> bool:
    return int(node.estimate.get("passes", 1)) > 1


def _bytes(node: Node, shape: Shape | None) -> int | None:
    if node.kind == "zero_shot":
        return EVALUATION_BYTES
    if node.kind == "tokenizer":
        return TOKENIZER_BYTES
    return None if shape is None else 4 * shape.parameters


def _rates(
    nodes: Sequence[Node], manifests: Mapping[str, Mapping[str, Any]], model: ModelReference
) -> dict[str, float]:
    """FLOPs a second by kind of node: of those that ran, and under ``""`` of a matrix product here."""
    spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for node in nodes:
        facts = manifests.get(node.key, {}).get("facts", {})
        flops = _flops(node, facts.get("tokens"), model)
        if flops and facts.get("seconds"):
            spent[node.kind][0] += flops
            spent[node.kind][1] += float(facts["seconds"])
    return {"": _matrix_product(), **{kind: flops / seconds for kind, (flops, seconds) in spent.items()}}


def _matrix_product(size: int = 768) -> float:
    """FLOPs a second of an fp32 matrix product here: about what small models reach in bf16, all counted."""
    import numpy as np

    a = np.ones((size, size), dtype=np.float32)
    a @ a
    began = time.perf_counter()
    for _ in range(5):
        a @ a
    return 5 * 2 * size**3 / (time.perf_counter() - began)


def _seconds(node: Node, flops: float | None, rates: Mapping[str, float]) -> float | None:
    if flops is None:
        return None
    return round(flops / rates.get(node.kind, rates[""]), 1)
