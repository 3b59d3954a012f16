"""Evaluates a checkpoint where it has seen no labels: all languages of all its targets in one pass."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from xstilts import registry
from xstilts.data.transforms.audit import audit
from xstilts.errors import CheckpointError
from xstilts.phases.datasets import Dataset
from xstilts.phases.dispatch import facts
from xstilts.phases.phase import Phase
from xstilts.phases.start import start_of
from xstilts.phases.token_cache import Tokenised, tokenised
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.tasks.kind import kind_of
from xstilts.training.checkpoint import Start, TaskHead, assemble, load_for
from xstilts.training.recipe import Recipe

if TYPE_CHECKING:
    from xstilts.engine.plain import Plain
    from xstilts.training.model import TransferModel

Decoded = tuple[list[Any], list[Any]]
"""Predictions and golds of all examples."""


@dataclass(frozen=True, kw_only=True)
class EvaluationParams:
    """What the parameters of an evaluation say, beside the model.

    Attributes:
        language: that is evaluated; ``all`` of a pooled task.
        layer: hidden layer whose mean represents a sentence; None: what the head chooses.
        plain: computed without the engine.
        tuning: rows of the same language on which decoding is tuned (mining).
    """

    dataset: Dataset
    metric: str
    language: str
    max_length: int
    precision: str
    micro_batch_tokens: int
    layer: int | None = None
    plain: bool = False
    tuning: Dataset | None = None

    def params(self) -> dict[str, Any]:
        """For a node's parameters; what is not chosen is left out."""
        found: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        found |= {name: found[name].params() for name in ("dataset", "tuning") if found[name]}
        return {name: value for name, value in found.items() if value or name not in ("layer", "plain", "tuning")}

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> EvaluationParams:
        """What `params` wrote."""
        own: dict[str, Any] = {field.name: params[field.name] for field in fields(cls) if field.name in params}
        own |= {name: Dataset.read(own[name]) for name in ("dataset", "tuning") if name in own}
        return cls(**own)


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    start = start_of(nodes[0], store)
    by_pass: dict[tuple[Any, ...], list[Node]] = defaultdict(list)
    for node in nodes:
        said = EvaluationParams.read(node.params)
        head = said.dataset.head(start.architecture)
        shared = (head.kind, head.labels, head.wording, said.precision, said.micro_batch_tokens, said.layer, said.plain)
        by_pass[shared].append(node)
    for members in by_pass.values():
        _one_pass(members, store, start, progress)


def _one_pass(nodes: list[Node], store: Store, start: Start, progress: Progress) -> None:
    """Nodes that share a head: their rows are sorted and computed together."""
    said = EvaluationParams.read(nodes[0].params)
    wanted = said.dataset.head(start.architecture)
    model = load_for(start.directory, [wanted]) if start.scratch is None else _untrained(start, wanted)
    if said.layer:
        _choose_layer(model, wanted.task, said.layer, start)
    # What is tuned holds a vector of every sentence of two texts: one language at a time.
    for some in [[node] for node in nodes] if kind_of(wanted.kind).tuning else [nodes]:
        _compute(some, model, wanted, store, start, progress)


def _compute(
    nodes: Sequence[Node],
    model: TransferModel,
    wanted: TaskHead,
    store: Store,
    start: Start,
    progress: Progress,
) -> None:
    from xstilts.evaluation.answering import answer_encoded
    from xstilts.training.placement import accelerator_for
    from xstilts.training.self_check import settle

    started, all_said = time.monotonic(), [EvaluationParams.read(node.params) for node in nodes]
    accelerator = accelerator_for(all_said[0].precision)
    settle(model, plain=all_said[0].plain, accelerator=accelerator, note=progress.note)
    of_nodes = list(zip(nodes, all_said, strict=True))
    inputs = [_inputs(said.dataset, said, node, store, start) for node, said in of_nodes]
    tuning = [_inputs(said.tuning, said, node, store, start) for node, said in of_nodes if said.tuning]
    for remark in dict.fromkeys(remark for one in inputs for remark in one.remarks):
        progress.note(remark)
    predictions = answer_encoded(
        model,
        wanted,
        [*inputs, *tuning],
        tokens=all_said[0].micro_batch_tokens,
        pad_id=int(start.tokenizer().pad_token_id),
        accelerator=accelerator,
        report=progress,
        phase="zero_shot",
    )
    total = sum(one.rows.tokens for one in inputs)
    for place, (node, one) in enumerate(zip(nodes, inputs, strict=True)):
        dev = (predictions[len(nodes) + place], _golds(tuning[place])) if tuning else None
        found = predictions[place], _golds(one)
        tokens = one.rows.tokens + (tuning[place].rows.tokens if tuning else 0)
        share = one.rows.tokens / max(total, 1)
        told = _audited(all_said[place].dataset, all_said[place], one, node, store, start)
        _write(node, one, found, dev, store, started, share=share, tokens=tokens, engine=model.engine, told=told)


def _audited(
    dataset: Dataset, said: EvaluationParams, one: Tokenised, node: Node, store: Store, start: Start
) -> dict[str, Any]:
    """What a perturbation did to the rows and to their tokens, for the result; nothing of rows as they are."""
    if dataset.transform is None:
        return {}
    before = tokenised(replace(dataset, transform=None), node, store, start, max_length=said.max_length, training=False)
    tokenizer = start.tokenizer()

    def tokens(text: str) -> list[int]:
        ids: list[int] = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        return ids

    return {"audit": audit(before.examples, one.examples, tokens).as_object()}


def _choose_layer(model: TransferModel, task: str, layer: int, start: Start) -> None:
    from xstilts.models.loading import base_of

    layers = base_of(model.encoder).config.num_hidden_layers
    if layer > layers:
        raise CheckpointError(f"has {layers} layers; layer {layer} was asked for", where=start.directory)
    model.layers[task] = layer


def _untrained(start: Start, wanted: TaskHead) -> TransferModel:
    """A model from scratch (the retrieval baseline of `scratch:` without pretraining)."""
    return assemble(start, [wanted], seed=0, recipe=Recipe())


def _inputs(dataset: Dataset, said: EvaluationParams, node: Node, store: Store, start: Start) -> Tokenised:
    if kind_of(dataset.kind).retrieval:
        dataset = replace(dataset, limit=None)
    return tokenised(dataset, node, store, start, max_length=said.max_length, training=False)


def _golds(one: Tokenised) -> list[Any]:
    return kind_of(one.head.kind).golds(one.examples)


def _write(
    node: Node,
    one: Tokenised,
    decoded: Decoded,
    dev: Decoded | None,
    store: Store,
    started: float,
    *,
    share: float,
    tokens: int,
    engine: Plain,
    told: Mapping[str, Any],
) -> None:
    from xstilts.evaluation.scoring import score, write_counts, write_predictions

    said = EvaluationParams.read(node.params)
    dataset, metric = said.dataset, registry.find("metrics", said.metric)
    predictions, golds = decoded
    chosen: dict[str, float] = {}
    tuning = kind_of(dataset.kind).tuning
    if dev is not None and tuning is not None:
        predictions, chosen = tuning.tuned(predictions, golds, dev)
    scored_positions = _queries(dataset, one)
    examples = [one.examples[i] for i in scored_positions]
    golds = [golds[i] for i in scored_positions]
    predictions = [predictions[i] for i in scored_positions]
    scored = score(metric, examples, golds, predictions, language=dataset.parts[0].language)
    totals = scored.counts.sum(axis=0)
    result = {
        "task": dataset.task,
        "language": said.language,
        "metric": metric.name,
        "token_cache": one.key,
        "examples": len(scored.example_ids),
        "hidden": len(examples) - len(scored.example_ids),
        "scores": {name: _number(value) for name, value in metric.scores(totals).items()},
        **({"thresholds": chosen} if chosen else {}),
        **told,
    }
    with store.writer(node) as writer:
        write_counts(scored, metric, writer.path("counts.parquet"))
        write_predictions(examples, golds, predictions, writer.path("predictions.parquet"))
        writer.path("result.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
        writer.facts.update(facts(started, tokens=tokens, threads=node.threads, engine=engine, remarks=one.remarks))
        writer.facts["seconds"] = round(float(writer.facts["seconds"]) * share, 3)


def _queries(dataset: Dataset, one: Tokenised) -> list[int]:
    """Which examples are scored: those that the head scores, or in retrieval a fixed random sample of each language."""
    from xstilts.data.splits import sample_of_each

    kind = kind_of(dataset.kind)
    scored = kind.scored(one.examples)
    limit = dataset.limit if kind.retrieval else None
    return [scored[i] for i in sample_of_each([getattr(one.examples[i], "language", "") for i in scored], limit)]


def _number(value: Any) -> float | None:  # noqa: ANN401
    number = float(value)
    return number if number == number else None


PHASE = Phase(
    title="Zero-shot evaluation in every language",
    run=_run,
    paper="https://arxiv.org/abs/2003.11080",
    version=4,
)
