"""The embeddings of a model's input, taken out so that something can be done to them, and put back in.

Objectives see them padded, whatever the model computes on. Shape legend: B rows, T tokens, S packed tokens, D width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from xstilts.heads.head import Batch

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from xstilts.engine.packing import Packing

EMBEDDED = "embedded"
"""Where a batch holds embeddings that are given in the place of those of its ids."""


def look_up(base: PreTrainedModel, ids_BT: torch.Tensor, packing: Packing | None) -> torch.Tensor:
    """The embeddings of ids [B, T, D], of packed ones without the padding's, which are 0."""
    table: Any = base.get_input_embeddings()
    if packing is None:
        found: torch.Tensor = table(ids_BT)
        return found
    return packing.unpack(table(ids_BT.flatten()[packing.place]))


def with_embeddings(base: PreTrainedModel, inputs: dict[str, Any], batch: Batch) -> dict[str, Any]:
    """A model's padded inputs with the batch's own embeddings in the place of ids, where it has any."""
    if EMBEDDED not in batch:
        return inputs
    table: Any = base.get_input_embeddings()
    dtype = getattr(table, "dtype", None) or table.weight.dtype
    return {name: value for name, value in inputs.items() if name != "input_ids"} | {
        "inputs_embeds": batch[EMBEDDED].to(dtype)
    }
