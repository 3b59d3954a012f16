"""The input embedding while a model trains: only the rows that the node's data can reach, in fp32.

Of a vocabulary of 250,000 pieces a fine-tuning corpus touches a few thousand. Under AdamW a row that never has a
gradient keeps zero moments and moves by decoupled weight decay alone, so the others need neither gradient nor moments:
the optimisation is the same, and so are the bits of the rows that train. Ids stay as they are; this module alone maps
them to rows.

Shape legend: S ids, D hidden width, V vocabulary, R rows that train (all V of them in a dense run).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from xstilts.engine.encoding import Encoding
from xstilts.models.loading import base_of


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
        factor: by what the embedding multiplies its rows; None: it does not.
        decay: by what the other rows have shrunk (a product of 1 - learning rate * weight decay).
    """

    def __init__(self, table: torch.nn.Embedding, *, active: NDArray[np.int64] | None, dtype: torch.dtype) -> None:
        super().__init__()
        self._table = [table]  # in a list: not a module of the model beside this one
        self.dtype, self.decay, self.factor = dtype, 1.0, factor_of(table)
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
            return self.given(self.weight.detach()[ids])
        # Evaluation meets ids that training did not.
        others = self.table.weight.detach()[ids] * self.decay
        known = (places >= 0).unsqueeze(-1)
        return self.given(torch.where(known, self.weight.detach()[places.clamp_min(0)], others))

    def given(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows of the table as the model is given them."""
        return (rows if self.factor is None else rows * self.factor).to(self.dtype)

    def learn(self) -> None:
        """Makes room for gradients."""
        trained = self.weight if self.weight.requires_grad else self.weight[:0]  # of rows that stay there are none
        self.gradient = torch.zeros_like(trained)
        self.touched = torch.zeros(len(trained), dtype=torch.bool, device=self.weight.device)

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
    def written(self) -> None:
        """Writes what was learnt into the embedding that it stands for."""
        if self.active is not None:
            if self.decay != 1.0:
                self.table.weight.mul_(self.decay)
            self.table.weight[self.active] = self.weight


class _Lookup(torch.autograd.Function):
    """Rows of a table; the gradient is added where it belongs instead of being given back [V, D]."""

    @staticmethod
    def forward(ctx: Any, weight_RD: torch.Tensor, places: torch.Tensor, owner: RowEmbedding) -> torch.Tensor:  # noqa: ANN401
        ctx.places, ctx.owner = places, owner
        return owner.given(weight_RD[places])

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[None, None, None]:  # noqa: ANN401
        owner: RowEmbedding = ctx.owner
        places_S = ctx.places.flatten()
        assert owner.gradient is not None
        assert owner.touched is not None
        of_rows = gradient.reshape(len(places_S), -1).float()
        owner.gradient.index_add_(0, places_S, of_rows if owner.factor is None else of_rows * owner.factor)
        owner.touched[places_S] = True
        return None, None, None


def factor_of(table: torch.nn.Embedding) -> torch.Tensor | None:
    """By what an embedding multiplies its rows (Gemma's do by the root of their width); None: it only looks them up.

    Raises:
        TypeError: it does something else beside.
    """
    if type(table).forward is torch.nn.Embedding.forward:
        return None
    factor = getattr(table, "embed_scale", None)
    if factor is None:
        raise TypeError(f"{type(table).__name__} does more than look rows up")
    return torch.as_tensor(factor, dtype=torch.float32, device=table.weight.device)


def active_ids(used: Iterable[NDArray[Any]], special: Iterable[int], size: int) -> NDArray[np.int64]:
    """All ids that occur in the data or are special, ascending."""
    seen = np.zeros(size, dtype=bool)
    for ids in used:
        seen[ids] = True
    seen[[one for one in special if 0 <= one < size]] = True
    return np.flatnonzero(seen).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a run can reach of the vocabulary.

    Attributes:
        used: the ids of its rows, array by array.
        special: further ids that it may meet.
        language_model: whether a task's loss is over the whole vocabulary.
        row_wise: whether the optimizer treats each row by itself.
        whole: whether all rows are to train though the data cannot reach them: the same optimisation, slower.
    """

    used: Collection[NDArray[Any]] = ()
    special: frozenset[int] = frozenset()
    language_model: bool = False
    row_wise: bool = True
    whole: bool = False


def row_embedding_of(model: Encoding, reach: Reach, dtype: torch.dtype) -> tuple[RowEmbedding, dict[str, Any]]:
    """What stands in for a model's input embedding, and what the record of the run says of it."""
    table = base_of(model.encoder).get_input_embeddings()
    assert isinstance(table, torch.nn.Embedding)
    why = why_dense(model, table, reach)
    size = table.num_embeddings
    active = None if why else active_ids(reach.used, reach.special, size)
    rows = (size if table.weight.requires_grad else 0) if active is None else len(active)
    return RowEmbedding(table, active=active, dtype=dtype), {"rows": rows, "of": size, **({"why": why} if why else {})}


def why_dense(model: Encoding, table: torch.nn.Embedding, reach: Reach) -> str:
    """Why it is all rows or none that train; empty where the active ones suffice."""
    if not table.weight.requires_grad:
        return "the embedding is not trained"
    if reach.whole:
        return "asked for"
    if not reach.row_wise:
        return "the optimizer is not row-wise"
    if reach.language_model:
        return "the whole softmax is trained"
    owners = sum(1 for module in model.modules() for p in module._parameters.values() if p is table.weight)
    if owners > 1:
        return "the embedding is tied to another layer"
    return ""
