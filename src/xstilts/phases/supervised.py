"""Training on labelled rows, as intermediate and target training both do it: one task or a mixture."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from xstilts.phases import unknown_tokens
from xstilts.phases.dev_score import DevScore
from xstilts.phases.dispatch import facts
from xstilts.phases.start import start_of
from xstilts.phases.token_cache import tokenised
from xstilts.phases.training_params import TrainingParams
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.pipeline.writer import Writer
from xstilts.training.checkpoint import Start, TaskHead, assemble, save, vocabulary_of
from xstilts.training.objectives.plain import Plain

if TYPE_CHECKING:
    from xstilts.training.loop import Plan, Stream, Trained
    from xstilts.training.model import TransferModel
    from xstilts.training.moments import Moments
    from xstilts.training.recipe import Recipe


class Beside(Protocol):
    """A further head, trained in steps of its own among those of the tasks; nothing is selected by it."""

    head: TaskHead

    def stream(self, node: Node, store: Store, start: Start, recipe: Recipe, *, steps: int) -> Stream:
        """What it trains on beside ``steps`` steps of the tasks."""
        ...

    def plan(self, node: Node, plan: Plan, *, task: int, seed: int) -> Plan:
        """The plan of the tasks with its steps, which are of the stream ``task``."""
        ...


class Watch(Protocol):
    """Looks on while a node trains on one task, and keeps what it has seen instead of the checkpoint."""

    def moments(self, rows: Stream, recipe: Recipe) -> Moments:
        """What happens at the named moments of the run."""
        ...

    def write(self, node: Node, store: Store, writer: Writer) -> None:
        """Writes the node's entry after the last step."""
        ...


Order = Callable[["Stream", int], "Stream"]
"""``order(stream, steps)``: the stream from which the ``steps`` of a training draw instead."""


def run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    """Trains each node's model on its tasks, and commits the checkpoint."""
    for node in nodes:
        fit(node, store, progress)


def fit(
    node: Node,
    store: Store,
    progress: Progress,
    *,
    beside: Beside | None = None,
    order: Order | None = None,
    watch: Watch | None = None,
) -> None:
    """Trains a node's model on its tasks, and commits the checkpoint.

    Args:
        beside: a further head, in steps of its own.
        order: gives each task's batches in another order than the drawn one.
        watch: keeps what it sees, and no checkpoint.
    """
    from xstilts.heads.head import Vocabulary
    from xstilts.training.loop import train
    from xstilts.training.placement import accelerator_for
    from xstilts.training.self_check import settle
    from xstilts.training.state import TrainingState

    started, said, start = time.monotonic(), TrainingParams.read(node.params), start_of(node, store)
    recipe, seed = said.recipe, said.seed
    tasks, streams, plan, remarks, augmented, record = _planned(node, said, store, start, progress)
    streams = [order(stream, len(plan)) for stream in streams] if order else streams
    vocabulary = Vocabulary(size=0, mask_id=0, special_ids=())
    if beside is not None:
        streams.append(beside.stream(node, store, start, recipe, steps=len(plan)))
        remarks += unknown_tokens.in_text(node, start.tokenizer())
        record[beside.head.kind] = {"rows": len(streams[-1].rows)}
        plan = beside.plan(node, plan, task=len(tasks), seed=seed)
        vocabulary = vocabulary_of(start.tokenizer())
    model = _assembled(start, [*tasks, *([beside.head] if beside else [])], said, remarks, progress)
    accelerator, heads = accelerator_for(recipe.precision), tuple(tasks)
    dev_score = DevScore(node=node, store=store, heads=heads, accelerator=accelerator, progress=progress)
    settle(model, plain=recipe.plain, accelerator=accelerator, note=progress.note)
    trained = train(
        model,
        streams,
        plan,
        recipe,
        seed=seed,
        vocabulary=vocabulary,
        pad_id=int(start.tokenizer().pad_token_id),
        accelerator=accelerator,
        state=TrainingState(store.scratch(node.key)),
        report=progress,
        phase=node.kind,
        validate=dev_score if said.selects else None,
        moments=watch.moments(streams[0], recipe) if watch else None,
    )
    if beside is not None:
        record[beside.head.kind]["steps"] = int((plan.tasks[: trained.steps] == len(tasks)).sum())
    with store.writer(node) as writer:
        watch.write(node, store, writer) if watch else save(model, tasks, start, writer.directory)
        _write_record(writer, trained, record, plan if len(streams) > 1 else None)
        spent = started - trained.earlier
        of_node = facts(spent, tokens=trained.tokens, threads=node.threads, engine=model.engine, remarks=remarks)
        writer.facts.update(of_node | trained.reached() | ({"augmented": augmented} if augmented else {}))


def _assembled(
    start: Start, heads: list[TaskHead], said: TrainingParams, remarks: Sequence[str], progress: Progress
) -> TransferModel:
    """The model with a head for each task; what is remarkable of its rows is said before it trains."""
    model = assemble(start, heads, seed=said.seed, recipe=said.recipe)
    for remark in remarks:
        progress.note(remark)
    return model


def _write_record(writer: Writer, trained: Trained, more: Mapping[str, Any], of_several: Plan | None) -> None:
    """How the training went; of several tasks also which of them each step had: their losses say nothing mixed."""
    record: dict[str, Any] = {**trained.record(), **trained.selection(), **more}
    if of_several is not None:
        record["tasks"] = of_several.tasks[: trained.steps].tolist()
    writer.path("training.json").write_text(json.dumps(record, allow_nan=False), encoding="utf-8")


def _planned(
    node: Node, said: TrainingParams, store: Store, start: Start, progress: Progress
) -> tuple[list[TaskHead], list[Stream], Plan, list[str], dict[str, int], dict[str, Any]]:
    """The tasks of a node with their rows, which of them each step trains, and what is said and counted of the rows.

    Last what the record says of rows that were joined: how many from which source, in which language.
    """
    from xstilts.training.loop import Stream, plan_steps

    progress.update("tokenise", 0, 1)
    data = [tokenised(one.train, node, store, start, max_length=one.max_length, training=True) for one in said.tasks]
    # Tasks of the user's own have no name here (labels stay outside the key): their position tells them apart.
    tasks = [replace(one.head, task=f"{one.head.task}.{i}") for i, one in enumerate(data)]
    recipe, seed = said.recipe, said.seed
    objective = said.objective.objective if said.objective else Plain()
    streams = [
        Stream(
            task=task.task,
            head=task.head,
            rows=one.rows,
            seed=seed,
            batch_size=recipe.batch_size,
            objective=objective,
        )
        for task, one in zip(tasks, data, strict=True)
    ]
    plan = plan_steps(streams, recipe, seed=seed, **(said.mixture.params() if said.mixture else {}))
    counted: Counter[str] = sum((Counter(one.augmented) for one in data), Counter())
    drawn = [dict(one) for of_task in data for one in of_task.drawn]
    remarks = [remark for one in data for remark in one.remarks]
    return tasks, streams, plan, remarks, dict(counted), {"drawn": drawn} if drawn else {}
