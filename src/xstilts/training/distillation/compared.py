"""What is compared of a student and its teacher: states of tokens, or their means over spans of the text.

Shape legend: B rows, T tokens, S tokens of all rows (row after row, without padding), N spans of all rows, D width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from xstilts.errors import CheckpointError
from xstilts.heads.head import Batch

SPAN = "span"
"""The column that says to which span of its row a token belongs; without it each token is one by itself."""
PARTS = (
    ("attention.self.query", "attention.self.key", "attention.self.value"),  # BERT, RoBERTa, XLM-R
    ("attention.self.query_proj", "attention.self.key_proj", "attention.self.value_proj"),  # DeBERTa
)
"""Where a layer makes queries, keys and values, of the architectures that have a module for each."""
JOINED = ("attn.Wqkv",)
"""The same of those that make all three at once (ModernBERT)."""

Related = tuple[torch.Tensor, ...]
"""Queries, keys and values, [S, D] each."""


@dataclass(frozen=True)
class Side:
    """The rows of a micro-batch as one model reads them.

    Attributes:
        mask: where there are tokens [B, T].
        row: the row of each span [N].
        span: the span of each token [S]; None: each token is one.
    """

    mask: torch.Tensor
    row: torch.Tensor
    span: torch.Tensor | None

    @classmethod
    def of(cls, batch: Batch) -> Side:
        """How a batch is to be read."""
        mask_BT = batch["attention_mask"] != 0
        row_S = mask_BT.nonzero()[:, 0]
        if SPAN not in batch:
            return cls(mask_BT, row_S, None)
        count_B = batch[SPAN].amax(dim=1) + 1
        span_S = batch[SPAN][mask_BT] + (count_B.cumsum(0) - count_B)[row_S]
        row_N = torch.repeat_interleave(torch.arange(len(count_B), device=row_S.device), count_B)
        return cls(mask_BT, row_N, span_S)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.mask)

    def spans(self, states_SD: torch.Tensor) -> torch.Tensor:
        """The mean over each span [N, D], fp32."""
        states_SD = states_SD.float()
        if self.span is None:
            return states_SD
        count_N = states_SD.new_zeros(len(self.row)).index_add(0, self.span, states_SD.new_ones(len(states_SD)))
        sum_ND = states_SD.new_zeros(len(self.row), states_SD.shape[1]).index_add(0, self.span, states_SD)
        return sum_ND / count_N[:, None]

    def vectors(self, states_SD: torch.Tensor) -> torch.Tensor:
        """The mean over all tokens of each row [B, D], fp32."""
        length_B = self.mask.sum(dim=1)
        row_S = torch.repeat_interleave(torch.arange(self.rows, device=length_B.device), length_B)
        states_SD = states_SD.float()
        sum_BD = states_SD.new_zeros(self.rows, states_SD.shape[1]).index_add(0, row_S, states_SD)
        return sum_BD / length_B[:, None]


class Listener:
    """Hears the queries, keys and values of one layer of a model.

    Args:
        layer: of transformers.

    Raises:
        CheckpointError: it is not known where such a layer makes them.
    """

    def __init__(self, layer: torch.nn.Module) -> None:
        self._joined, self._modules = _makers(layer)
        self._heard: list[torch.Tensor] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within the block forward passes are heard, of each nothing but the last."""
        self._heard.clear()
        handles = [module.register_forward_hook(self._note) for module in self._modules]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def heard(self, batch: Batch) -> Related:
        """What was heard when the batch was read."""
        packing = batch.get("packing")
        found = []
        for states in self._heard[-len(self._modules) :]:
            whole = states if packing is None else states[0, : packing.tokens]
            found.append(whole[batch["attention_mask"] != 0] if packing is None else whole)
        self._heard.clear()
        return tuple(found[0].chunk(3, dim=-1)) if self._joined else tuple(found)

    def _note(self, _module: torch.nn.Module, _inputs: Any, output: torch.Tensor) -> None:  # noqa: ANN401
        self._heard.append(output)


def heard(
    listener: Listener | None, read: Callable[[Batch, str], torch.Tensor], batch: Batch, task: str
) -> tuple[torch.Tensor, Related]:
    """What a forward pass gives, and what was heard in it."""
    if listener is None:
        return read(batch, task), ()
    with listener.listening():
        hidden_BTD = read(batch, task)
    return hidden_BTD, listener.heard(batch)


def _makers(layer: torch.nn.Module) -> tuple[bool, list[torch.nn.Module]]:
    """Whether all three are made at once, and the modules that make them."""
    named = dict(layer.named_modules())
    for name in JOINED:
        if name in named:
            return True, [named[name]]
    for names in PARTS:
        if all(name in named for name in names):
            return False, [named[name] for name in names]
    raise CheckpointError(
        f"it is not known where a {type(layer).__name__} makes queries, keys and values",
        where="losses.relations",
        hint="leave relations at 0",
    )
