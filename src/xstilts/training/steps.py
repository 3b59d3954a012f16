"""One step's gradients: its examples drawn, packed into micro-batches, and computed one after another.

Everything random is a function of (seed, step, rank).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator

from xstilts.heads.head import Vocabulary
from xstilts.models.loading import base_of
from xstilts.training.batches import collate, micro_batches, to_tensors
from xstilts.training.model import TransferModel
from xstilts.training.packing import can_pack
from xstilts.training.placement import seed_step
from xstilts.training.recipe import Recipe
from xstilts.training.streams import Stream


@dataclass(frozen=True, kw_only=True)
class StepSums:
    """What a step sums over its micro-batches and all ranks."""

    loss: float
    units: float
    tokens: int
    padding: int
    """Tokens computed beyond the real ones."""


@dataclass(frozen=True, kw_only=True)
class Batching:
    """How the examples of a step become tensors."""

    recipe: Recipe
    seed: int
    vocabulary: Vocabulary
    pad_id: int

    def batches(
        self, stream: Stream, groups: list[Any], rng: np.random.Generator, device: torch.device, *, packed: bool
    ) -> Iterator[dict[str, Any]]:
        """The micro-batches of these groups of rows."""
        budget = self.recipe.micro_batch_tokens
        for chosen in micro_batches(groups, stream.rows.lengths, tokens=budget, packed=packed):
            arrays = collate(stream.rows, chosen, pad_id=self.pad_id, padding=stream.head.ragged)
            prepared = stream.head.prepare(arrays, rng=rng, vocabulary=self.vocabulary)
            yield to_tensors(prepared, device, packed=packed)


def accumulate(
    model: TransferModel, stream: Stream, position: int, step: int, batching: Batching, accelerator: Accelerator
) -> StepSums:
    """Runs forward and backward over one step's examples; the gradients are where `Weights` sums them.

    Raises:
        FloatingPointError: the loss is not finite.
    """
    rank, ranks = accelerator.process_index, accelerator.num_processes
    whole = stream.batch(position)
    groups = whole[rank::ranks]
    # An epoch's last batch may have fewer examples than there are ranks: a rank without any still takes part in the
    # exchange of gradients, with a share of zero.
    share = 1.0 if groups else 0.0
    groups = groups or whole[:1]
    seed_step(batching.seed, step, rank)
    rng = np.random.default_rng([batching.seed, step, rank])
    totals = torch.zeros(4, dtype=torch.float64, device=accelerator.device)
    packed = can_pack(base_of(model.encoder))
    for batch in batching.batches(stream, groups, rng, accelerator.device, packed=packed):
        with accelerator.autocast():
            loss, units = model(batch, stream.task)
        (loss * share).backward()
        tokens = batch["attention_mask"].sum()
        computed = batch["packing"].place.numel() if packed else batch["attention_mask"].numel()
        totals += share * torch.stack([loss.detach().double(), units.double(), tokens.double(), computed - tokens])
    if ranks > 1:
        totals = accelerator.reduce(totals, reduction="sum")
    loss_sum, units_sum, tokens_sum, padding = totals.tolist()  # the one time that a step waits for its device
    if not np.isfinite(loss_sum):
        raise FloatingPointError(f"the loss is not finite at step {step + 1}")
    return StepSums(loss=loss_sum, units=max(units_sum, 1.0), tokens=int(tokens_sum), padding=int(padding))
