"""What a run would do and cost: tokens, FLOPs, time and disk per node. Never imports torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from xstilts.experiments.experiment_graph import ExperimentGraph
from xstilts.models.architecture import ENCODER
from xstilts.models.family import Shape
from xstilts.models.reference import ModelReference
from xstilts.phases.prices import PREDICTION, TRAINING
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.runs.seconds import START, Cost, Seconds, seconds_for
from xstilts.runs.speed import Speed, rough, speed_of
from xstilts.runs.timetable import wall_seconds

CHARACTERS_PER_TOKEN = 3.6
"""Measured with `scratch:small`'s tokenizer on its 28 languages; used until a node has run and counted.

Of a model that reads bytes, its family's ``length`` of them stand for one (`Family.length`).
"""
EVALUATION_BYTES = 40_000
TOKENIZER_BYTES = 2_000_000
MASKED_SHARE = 0.2
"""Of the tokens, for which masked LM multiplies with the vocabulary."""
WORTH_MEASURING = 5e12
"""FLOPs from which on the speed of this machine is measured first: what has fewer takes a minute."""


def plan(
    study: ExperimentGraph, store: Store, *, measure: bool = False, tell: Callable[[str], None] = lambda line: None
) -> list[dict[str, Any]]:
    """One row per node in topological order.

    ``basis`` is ``measured`` where the node has run, or where its data were read and counted; ``estimated`` where a
    published size stands in for data that is not here. FLOPs are 2 per multiplied parameter and token, three times
    that for training; a text-to-text model's tokens are what it reads and, in training, what it writes. Seconds are
    those of one node by itself, between ``seconds_low`` and ``seconds_high``.

    Args:
        measure: whether the speed of the engine is measured where it is not known yet: some seconds, once.
        tell: is told when it is measured.
    """
    manifests = dict(_manifests(study.nodes, store))
    model = study.reference
    costs = {node.key: _cost(node, manifests.get(node.key), model) for node in study.nodes}
    seconds = None
    if model.shape is not None:
        speed = _speed(study, costs, manifests, store, measure=measure, tell=tell)
        seconds = seconds_for(study.nodes, costs, manifests, model.shape, speed)
    return [_row(node, manifests.get(node.key), model, costs[node.key], seconds) for node in study.nodes]


def expected_flops(study: ExperimentGraph) -> dict[str, float]:
    """Node → FLOPs as an empty store would be planned; nodes of a model whose size is not known count as nothing."""
    return {node.key: _cost(node, None, study.reference).flops or 0.0 for node in study.nodes}


def clock(study: ExperimentGraph, rows: Sequence[Mapping[str, Any]], *, cores: int) -> dict[str, float]:
    """What the whole run takes by the clock: its nodes side by side on the cores that there are."""
    found = {}
    for name in ("seconds", "seconds_low", "seconds_high"):
        waiting = {row["key"]: float(row[name] or 0.0) for row in rows if not row["cached"]}
        found[name] = round(START + wall_seconds(study.nodes, waiting, cores=cores), 1) if waiting else 0.0
    return found


def _speed(
    study: ExperimentGraph,
    costs: Mapping[str, Cost],
    manifests: Mapping[str, Mapping[str, Any]],
    store: Store,
    *,
    measure: bool,
    tell: Callable[[str], None],
) -> Speed:
    """Measured, where that is asked for and worth its seconds; else a guess."""
    shape = study.reference.shape
    assert shape is not None
    waiting = [node for node in study.nodes if node.key not in manifests]
    work = sum(costs[node.key].flops or 0.0 for node in waiting)
    if not measure or work < WORTH_MEASURING:
        return rough(shape)
    recipes = (node.params.get("recipe") for node in waiting)
    precision = next((str(recipe["precision"]) for recipe in recipes if recipe), "bf16")
    pretraining = any(node.kind == "masked_lm" for node in waiting)
    found = speed_of(shape, store, precision=precision, pretraining=pretraining, tell=tell)
    # Encoders are measured: of others it is known how wide they are, not what their steps leave out.
    encoder = study.reference.described.architecture == ENCODER
    return found if encoder else replace(found, measured=False)


def flops_of(nodes: Sequence[Node], store: Store, model: ModelReference) -> dict[str, float | None]:
    """Node → the FLOPs that it took, or would take; None where the model's size is not known."""
    manifests = dict(_manifests(nodes, store))
    return {node.key: _cost(node, manifests.get(node.key), model).flops for node in nodes}


def _manifests(nodes: Sequence[Node], store: Store) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Of what is cached; a run computes again what is damaged."""
    for manifest in store.manifests(node.key for node in nodes):
        yield str(manifest["key"]), manifest


def _cost(node: Node, manifest: Mapping[str, Any] | None, model: ModelReference) -> Cost:
    tokens = int(manifest["facts"].get("tokens") or 0) if manifest else _tokens(node, model.described.length)
    return Cost(tokens=tokens, flops=_flops(node, tokens, model))


def _row(
    node: Node, manifest: Mapping[str, Any] | None, model: ModelReference, cost: Cost, seconds: Seconds | None
) -> dict[str, Any]:
    size = sum(f["bytes"] for f in manifest["files"].values()) if manifest else _bytes(node, model.shape)
    measured = bool(manifest) or bool(node.estimate.get("measured", True))
    times: tuple[float | None, float | None, float | None] = (None, None, None)
    if manifest:
        times = (manifest["facts"].get("seconds"),) * 3
    elif seconds is not None:
        expected, between = seconds.of(node, cost)
        times = (round(expected, 2), round(expected * between.low, 2), round(expected * between.high, 2))
    return {
        "label": node.label,
        "key": node.key,
        "kind": node.kind,
        "parents": {role: parent.key for role, parent in node.parents.items()},
        "cached": manifest is not None,
        "tokens": cost.tokens,
        "flops": cost.flops,
        **dict(zip(("seconds", "seconds_low", "seconds_high"), times, strict=True)),
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
    masked = (
        tokens
        if node.kind == "masked_lm" or estimate.get("masked")
        else min(tokens, int(estimate.get("masked_tokens", 0)))
    )
    # what is written passes through the decoder and the matrix that writes, token by token
    written = round(float(estimate.get("written", 0.0)) * model.described.length / CHARACTERS_PER_TOKEN)
    read = max(0, tokens - written) if _trains(node) else tokens
    output = shape.vocabulary * shape.hidden
    products = shape.body * (read - masked) + (shape.decoder + output) * written
    # masked LM trains under its own loss, whatever the objective of the tasks beside it takes
    # a text-to-text model writes what was masked
    written_of_masked = round(2 * (shape.embedding + shape.decoder) * MASKED_SHARE)
    of_masked = 2 * shape.body * masked + written_of_masked * masked
    passes = int(estimate.get("passes", PREDICTION)) + estimate.get("dev", 0)
    own = passes * 2 * products + TRAINING * of_masked
    return float(own + float(estimate.get("beside", 0.0)))


def _trains(node: Node) -> bool:
    return int(node.estimate.get("passes", 1)) > 1


def _bytes(node: Node, shape: Shape | None) -> int | None:
    if "bytes" in node.estimate:
        return int(node.estimate["bytes"])
    # A step of a method that trains nothing leaves which rows it chose, and no checkpoint.
    if node.kind == "zero_shot" or ("." in node.kind and not _trains(node)):
        return EVALUATION_BYTES
    if node.kind == "tokenizer":
        return TOKENIZER_BYTES
    return None if shape is None else 4 * shape.parameters
