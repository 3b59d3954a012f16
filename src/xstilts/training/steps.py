"""One step's gradients: its examples drawn, packed into micro-batches, and computed one after another.

Everything random is a function of (seed, step, rank).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray

from xstilts.engine.batches import Layout, collate, micro_batches, to_tensors
from xstilts.heads.head import Vocabulary
from xstilts.training.model import TransferModel
from xstilts.training.objectives.objective import Objective
from xstilts.training.passes import Outputs, Passes
from xstilts.training.placement import seed_step
from xstilts.training.recipe import Recipe
from xstilts.training.streams import Plan, Stream


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One step's micro-batches on their device, and the objective under which they train."""

    task: str
    objective: Objective
    batches: Iterable[dict[str, Any]]
    share: float
    """0 where this rank has no examples of its own and only takes part in the exchange of gradients."""


@dataclass(frozen=True, kw_only=True)
class Batching:
    """How the examples of a step become tensors: a function of (seed, step, rank)."""

    streams: Sequence[Stream]
    plan: Plan
    recipe: Recipe
    seed: int
    vocabulary: Vocabulary
    pad_id: int
    layout: Layout
    accelerator: Accelerator

    def draw(self, step: int) -> Drawn:
        """The micro-batches of a step, each made when it is asked for."""
        rank, ranks = self.accelerator.process_index, self.accelerator.num_processes
        stream = self.streams[int(self.plan.tasks[step])]
        whole = stream.batch(int(self.plan.positions[step]))
        # An epoch's last batch may have fewer examples than there are ranks.
        own = whole[rank::ranks]
        rng = np.random.default_rng([self.seed, step, rank])
        batches = self._batches(stream, own or whole[:1], rng)
        return Drawn(task=stream.task, objective=stream.objective, batches=batches, share=1.0 if own else 0.0)

    def _batches(
        self, stream: Stream, groups: list[NDArray[np.int64]], rng: np.random.Generator
    ) -> Iterator[dict[str, Any]]:
        for chosen in micro_batches(
            groups, stream.rows.lengths, tokens=self.recipe.micro_batch_tokens, real=self.layout.real
        ):
            arrays = collate(stream.rows, chosen, pad_id=self.pad_id, columns=stream.head.columns)
            prepared = stream.head.prepare(arrays, rng=rng, vocabulary=self.vocabulary)
            read = stream.head.reads(prepared)
            yield to_tensors(prepared, self.accelerator.device, packed=self.layout.packed, read=read)


class Ahead:
    """Draws the next step's micro-batches while a device works on the present ones; on a CPU nothing would be won.

    Args:
        always: also on a CPU.
    """

    def __init__(self, batching: Batching, *, always: bool = False) -> None:
        self.batching = batching
        self._pool: ThreadPoolExecutor | None = None
        if always or batching.accelerator.device.type != "cpu":
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="batches")
        self._next: tuple[int, Future[Drawn]] | None = None

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def draw(self, step: int) -> Drawn:
        """The micro-batches of a step."""
        if self._pool is None:
            return self.batching.draw(step)
        ready = self._next[1] if self._next and self._next[0] == step else self._pool.submit(self._whole, step)
        if step + 1 < len(self.batching.plan):
            self._next = step + 1, self._pool.submit(self._whole, step + 1)
        return ready.result()

    def _whole(self, step: int) -> Drawn:
        drawn = self.batching.draw(step)
        return replace(drawn, batches=list(drawn.batches))


@dataclass(frozen=True, kw_only=True)
class Summed:
    """What the micro-batches of a step gave.

    Attributes:
        totals: sums over them and all ranks, float64 on the device: the loss, its units, tokens, tokens computed beyond
            these, and the losses that the objective is made of.
        noted: the names of those losses.
        outputs: what the model gave for this rank's own examples, where it is recorded.
    """

    totals: torch.Tensor
    noted: tuple[str, ...]
    outputs: list[Outputs]


def accumulate(model: TransferModel, drawn: Drawn, step: int, batching: Batching, *, records: bool = False) -> Summed:
    """Runs the objective over one step's examples; the gradients are where `Weights` sums them."""
    accelerator, share = batching.accelerator, drawn.share
    seed_step(batching.seed, step, accelerator.process_index)
    model.engine.seed(batching.seed, step, accelerator.process_index)
    totals = torch.zeros(4, dtype=torch.float64, device=accelerator.device)
    recorded: list[Outputs] = []
    noted: dict[str, torch.Tensor] = {}
    for batch in drawn.batches:
        passes = Passes(model, accelerator, records=records and share > 0)
        loss, units = drawn.objective.loss(passes, batch, drawn.task)
        loss.backward()  # type: ignore[no-untyped-call]
        tokens = batch["attention_mask"].sum()
        computed = batch["packing"].place.numel() if batching.layout.packed else batch["attention_mask"].numel()
        totals += share * torch.stack([loss.detach().double(), units.double(), tokens.double(), computed - tokens])
        for name, value in passes.noted.items():
            noted[name] = noted.get(name, 0.0) + share * value
        if passes.outputs is not None:
            recorded.append(passes.outputs)
    totals = torch.cat([totals, torch.stack(list(noted.values()))]) if noted else totals
    if accelerator.num_processes > 1:
        totals = accelerator.reduce(totals, reduction="sum")
    return Summed(totals=totals, noted=tuple(noted), outputs=recorded)
