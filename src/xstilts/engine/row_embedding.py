"""The input embedding while a model trains: only the rows that the node's data can reach, in fp32.

Of a vocabulary of 250,000 pieces a fine-tuning corpus touches a few thousand. Under AdamW a row that never has a
gradient keeps zero moments and moves by decoupled weight decay alone, so the others need neither gradient nor moments:
the optimisation is the same, and so are the bits of the rows that train. Ids stay as they are; this module alone maps
them to rows.

Shape legend: S ids, D hidden width, V vocabulary, R rows that train (all V of them in a dense run).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray


class RowEmbedding(torch.nn.Module):
    """Looks rows up in fp32, gives them in the precision of the model, and sums their gradients in fp32.

    Args:
        table: the embedding that it stands for.
        active: ids that train, ascending; None: all.
        dtype: of what it gives.

    Attributes:
        weight: the rows that train [R, D].
        gradient: their summed gradients [R, D]; None until something is learnt.
        touched: which rows have a gradient in this step [R].
        decay: by what the other rows have shrunk (a product of 1 - learning rate * weight decay).
    """

    def __init__(self, table: torch.nn.Embedding, *, active: NDArray[np.int64] | None, dtype: torch.dtype) -> None:
        super().__init__()
        self._table = [table]  # in a list: not a module of the model beside this one
        self.dtype, self.decay = dtype, 1.0
        self.gradient: torch.Tensor | None = None
        self.touched: torch.Tensor | None = None
        self.active = None if active is None else torch.from_numpy(active).to(table.weight.device)
        if self.active is None:
            self.weight = table.weight
            self.place: torch.Tensor | None = None
            return
        self.weight = torch.nn.Parameter(table.weight.detach().index_select(0, self.active))
        self.place = torch.full((table.num_embeddings,), -1, dtype=torch.int32, device=table.weight.device)
        self.place[self.active] = torch.arange(len(self.active), dtype=torch.int32, device=table.weight.device)

    @property
    def table(self) -> torch.nn.Embedding:
        """The embedding that it stands for; its rows are those of before the training, `written` changes them."""
        return self._table[0]

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows of ids of any shape, with D at the end."""
        places = ids if self.place is None else self.place[ids].long()
        if torch.is_grad_enabled() and self.gradient is not None:
            rows: torch.Tensor = _Lookup.apply(self.weight, places, self)  # type: ignore[no-untyped-call]
            return rows
        if self.place is None:
            return self.weight.detach()[ids].to(self.dtype)
        # Evaluation meets ids that training did not.
        others = self.table.weight.detach()[ids] * self.decay
        known = (places >= 0).unsqueeze(-1)
        return torch.where(known, self.weight.detach()[places.clamp_min(0)], others).to(self.dtype)

    def learn(self) -> None:
        """Makes room for gradients."""
        self.gradient = torch.zeros_like(self.weight)
        self.touched = torch.zeros(len(self.weight), dtype=torch.bool, device=self.weight.device)

    def forget(self) -> None:
        """Clears the gradients of a step."""
        assert self.gradient is not None
        assert self.touched is not None
        if self.gradient.device.type == "cpu":
            self.gradient.index_fill_(0, self.touched.nonzero()[:, 0], 0.0)
        else:  # which rows they are would have to be waited for
            self.gradient.zero_()
        self.touched.zero_()

    @torch.no_grad()
    def written(self) -> torch.nn.Embedding:
        """The embedding it stands for, with what was learnt written into it."""
        if self.active is not None:
            if self.decay != 1.0:
                self.table.weight.mul_(self.decay)
            self.table.weight[self.active] = self.weight
        return self.table


class _Lookup(torch.autograd.Function):
    """Rows of a table; the gradient is added where it belongs instead of being given back [V, D]."""

    @staticmethod
    def forward(ctx: Any, weight_RD: torch.Tensor, places: torch.Tensor, owner: RowEmbedding) -> torch.Tensor:  # noqa: ANN401
        ctx.places, ctx.owner = places, owner
        return weight_RD[places].to(owner.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[None, None, None]:  # noqa: ANN401
        owner: RowEmbedding = ctx.owner
        places_S = ctx.places.flatten()
        assert owner.gradient is not None
        assert owner.touched is not None
        owner.gradient.index_add_(0, places_S, gradient.reshape(len(places_S), -1).float())
        owner.touched[places_S] = True
        return None, None, None


def active_ids(used: Iterable[NDArray[Any]], special: Iterable[int], size: int) -> NDArray[np.int64]:
    """All ids that occur in the data or are special, ascending."""
    seen = np.zeros(size, dtype=bool)
    for ids in used:
        seen[ids] = True
    seen[[one for one in special if 0 <= one < size]] = True
    return np.flatnonzero(seen).astype(np.int64)


def why_dense(model: torch.nn.Module, table: torch.nn.Embedding, *, language_model: bool, row_wise: bool = True) -> str:
    """Why all rows must train; empty where the active ones suffice.

    Args:
        language_model: whether a task's loss is over the whole vocabulary.
        row_wise: whether the optimizer treats each row by itself.
    """
    if not row_wise:
        return "the optimizer is not row-wise"
    if language_model:
        return "the whole softmax is trained"
    owners = sum(1 for module in model.modules() for p in module._parameters.values() if p is table.weight)
    if owners > 1:
        return "the embedding is tied to another layer"
    if not table.weight.requires_grad:
        return "the embedding is not trained"
    return ""
