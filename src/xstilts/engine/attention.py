"""Attention over packed rows: blocks of rows of about equal length, each row seeing itself alone.

Plain products and a softmax: torch's fused kernel takes ten times as long on a CPU in bf16 (measured: 32 rows of 33
tokens, 6 heads of 64, forward and backward 15 ms against 1.4). Shape legend: see `packing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from xstilts.engine.dropout import Masks, masked, unmarked
from xstilts.engine.dropout import scale as kept_scale
from xstilts.engine.packing import Block, Packing
from xstilts.models.versions import attend_by

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NAME = "xstilts_packed"
"""Under which transformers finds `attend`."""

CACHED = 1 << 21
"""Numbers of attention maps to compute at a time: they are passed over ten times (more or fewer took longer)."""
MASKED = -1e9
MORE = 8
"""By how many numbers a head grows where a mask is part of the product: vectors stay aligned."""


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    packing: Packing,
    masks: Masks,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    **_: Any,  # noqa: ANN401
) -> tuple[torch.Tensor, None]:
    """The attention interface of transformers: [1, H, S, K] each; gives [1, S, H, K].

    Args:
        module: transformers' own, not looked at.
        query: of all packed tokens.
        key: of all packed tokens.
        value: of all packed tokens.
        attention_mask: None; `packing` says which tokens see one another.
        packing: how the rows lie.
        masks: where dropout's masks come from on a CPU.
        scaling: of the products.
        dropout: of the probabilities.
        sliding_window: from how many places on a token sees no other.
    """
    query_SHK, key_SHK, value_SHK = (x.squeeze(0).transpose(0, 1) for x in (query, key, value))
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    if query.device.type == "cpu":
        output = _Blocks.apply(query_SHK, key_SHK, value_SHK, packing, scale, dropout, sliding_window, masks)  # type: ignore[no-untyped-call]
    else:
        output = _fused(query_SHK, key_SHK, value_SHK, packing, scale, dropout, sliding_window)
    return output.unsqueeze(0), None


@contextmanager
def installed(model: PreTrainedModel) -> Iterator[None]:
    """Within the block a model attends by `attend`, through transformers' public interface."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, attend)
    before = model.config._attn_implementation
    attend_by(model, NAME)
    try:
        yield
    finally:
        attend_by(model, before)


class _Blocks(torch.autograd.Function):
    """Forward and backward block by block, a few rows at a time so that their scores stay in the cache.

    The probabilities are kept; those that dropout took have a minus sign.
    """

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        query_SHK: torch.Tensor,
        key_SHK: torch.Tensor,
        value_SHK: torch.Tensor,
        packing: Packing,
        scale: float,
        dropout: float,
        window: int | None,
        masks: Masks,
    ) -> torch.Tensor:
        heads = query_SHK.shape[1]
        query, key = _with_mask(query_SHK * scale, key_SHK, packing)
        value = _gather(value_SHK, packing)
        result, kept = torch.empty_like(value), []
        for block in packing.blocks:
            q, k, v, out = (_block(x, block, heads) for x in (query, key, value, result))
            probability = q.new_empty(len(q), block.width, block.width)
            for part in _parts(block, heads):
                scores = torch.bmm(q[part], k[part].transpose(1, 2))
                if (far := _far(block.width, window, scores)) is not None:
                    scores.add_(far)
                left = _softmax(scores, out=probability[part])
                if dropout:
                    left = masks.mark(left, dropout)
                torch.bmm(left, v[part], out=out[part])
            kept.append((q[..., :-MORE], k[..., :-MORE], v, probability))
        ctx.kept, ctx.packing, ctx.scale, ctx.dropout, ctx.heads = kept, packing, scale, dropout, heads
        if dropout:
            result.mul_(kept_scale(dropout))
        return _scatter(result, packing, heads)

    @staticmethod
    def backward(ctx: Any, gradient_SHK: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # noqa: ANN401
        packing, heads, dropout = ctx.packing, ctx.heads, ctx.dropout
        gathered = _gather(gradient_SHK, packing)
        if dropout:
            gathered.mul_(kept_scale(dropout))
        results = [torch.empty_like(gathered) for _ in range(3)]
        for block, (q, k, v, probability) in zip(packing.blocks, ctx.kept, strict=True):
            gradient, of_query, of_key, of_value = (_block(x, block, heads) for x in (gathered, *results))
            for part in _parts(block, heads):
                left = whole = probability[part]
                of_left = torch.bmm(gradient[part], v[part].transpose(1, 2))
                if dropout:
                    marks = unmarked(whole)
                    left, whole = masked(whole, marks), whole.abs()
                    masked(of_left, marks, out=of_left)
                torch.bmm(left.transpose(1, 2), gradient[part], out=of_value[part])
                of_scores = torch._softmax_backward_data(of_left, whole, -1, whole.dtype)
                torch.bmm(of_scores, k[part], out=of_query[part])
                torch.bmm(of_scores.transpose(1, 2), q[part], out=of_key[part])
        results[0].mul_(ctx.scale)
        found = [_scatter(x, packing, heads) for x in results]
        for one in found:
            one[packing.tokens :].zero_()  # the filler reads another token's place, but has no gradient
        return found[0], found[1], found[2], None, None, None, None, None


def _gather(x_SHK: torch.Tensor, packing: Packing) -> torch.Tensor:
    """[P * H, K], each block as [N, H, W, K]."""
    return x_SHK.reshape(-1, x_SHK.shape[-1]).index_select(0, packing.by_head(x_SHK.shape[1])[0])


def _scatter(x: torch.Tensor, packing: Packing, heads: int) -> torch.Tensor:
    """`_gather` undone: [S, H, K]."""
    return x.index_select(0, packing.by_head(heads)[1]).view(-1, heads, x.shape[-1])


def _block(x: torch.Tensor, block: Block, heads: int) -> torch.Tensor:
    """[N * H, W, K]"""
    part = x[block.first * heads : (block.first + block.rows * block.width) * heads]
    return part.view(block.rows * heads, block.width, -1)


def _with_mask(query_SHK: torch.Tensor, key_SHK: torch.Tensor, packing: Packing) -> tuple[torch.Tensor, torch.Tensor]:
    """Queries and keys as `_gather` gives them, with a number more: their product masks the filler.

    What is added to the scores costs a pass over them; as a part of the product it costs next to nothing.
    """
    query, key = (torch.nn.functional.pad(x, (0, MORE)) for x in (query_SHK, key_SHK))
    query[..., -MORE] = 1.0
    key[-1, :, -MORE] = MASKED  # all places without a token read the last filler
    return _gather(query, packing), _gather(key, packing)


def _softmax(scores: torch.Tensor, *, out: torch.Tensor) -> torch.Tensor:
    """Over the last dimension; short rows in fp32, for which torch has the faster kernel."""
    if scores.dtype == torch.bfloat16 and scores.shape[-1] <= 128:
        return out.copy_(torch.softmax(scores, dim=-1, dtype=torch.float32))
    return torch.softmax(scores, dim=-1, out=out)


def _parts(block: Block, heads: int) -> Iterator[slice]:
    """Which of the N * H maps to compute at a time."""
    count = block.rows * heads
    size = max(1, CACHED // block.width**2)
    for first in range(0, count, size):
        yield slice(first, min(first + size, count))


def _far(width: int, window: int | None, like: torch.Tensor) -> torch.Tensor | None:
    """What is added to scores beyond a sliding window [W, W]."""
    if window is None or width <= window:
        return None
    place = torch.arange(width, device=like.device)
    far = (place[:, None] - place[None, :]).abs() >= window
    return torch.zeros(far.shape, dtype=like.dtype, device=like.device).masked_fill_(far, MASKED)


def _fused(
    query_SHK: torch.Tensor,
    key_SHK: torch.Tensor,
    value_SHK: torch.Tensor,
    packing: Packing,
    scale: float,
    dropout: float,
    window: int | None,
) -> torch.Tensor:
    """The same by torch's fused attention, for devices that have a fast one."""
    gathered = [x.index_select(0, packing.source) for x in (query_SHK, key_SHK, value_SHK)]
    parts = []
    for block in packing.blocks:
        places = slice(block.first, block.first + block.rows * block.width)
        shape = (block.rows, block.width, *query_SHK.shape[1:])
        q, k, v = (x[places].view(shape).transpose(1, 2) for x in gathered)
        biases = [x for x in (block.masked, _far(block.width, window, q)) if x is not None]
        shape = (block.rows, 1, block.width, block.width)
        bias = sum(biases[1:], biases[0]).to(q.dtype).expand(shape) if biases else None
        one = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=dropout, scale=scale)
        parts.append(one.transpose(1, 2).flatten(0, 1))
    return torch.cat(parts).index_select(0, packing.inverse)
