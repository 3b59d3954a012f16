"""Attention over packed rows: blocks of rows of about equal length, each row seeing itself alone.

Plain products and a softmax: torch's fused kernel takes ten times as long on a CPU in bf16 (measured: 32 rows of 33
tokens, 6 heads of 64, forward and backward 15 ms against 1.4). Shape legend: see `packing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from xstilts.training.dropout import MASKS, clear_marked
from xstilts.training.dropout import scale as kept_scale
from xstilts.training.packing import NAME, Block, Packing

CACHED = 1 << 21
"""Numbers of attention maps to compute at a time: they are passed over ten times (more or fewer took longer)."""


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    packing: Packing,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    **_: Any,  # noqa: ANN401
) -> tuple[torch.Tensor, None]:
    """The attention interface of transformers: [1, H, S, K] each; gives [1, S, H, K]."""
    query_SHK, key_SHK, value_SHK = (x.squeeze(0).transpose(0, 1) for x in (query, key, value))
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    if query.device.type == "cpu":
        output = _Blocks.apply(query_SHK, key_SHK, value_SHK, packing, scale, dropout, sliding_window)  # type: ignore[no-untyped-call]
    else:
        output = _fused(query_SHK, key_SHK, value_SHK, packing, scale, dropout, sliding_window)
    return output.unsqueeze(0), None


def register() -> None:
    """Makes `attend` known to transformers."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, attend)


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
    ) -> torch.Tensor:
        heads = query_SHK.shape[1]
        query, key, value = (_gather(x, packing) for x in (query_SHK, key_SHK, value_SHK))
        query.mul_(scale)
        result, kept = torch.empty_like(query), []
        for block in packing.blocks:
            q, k, v, out = (_block(x, block, heads) for x in (query, key, value, result))
            probability = q.new_empty(len(q), block.width, block.width)
            for part, bias in _parts(block, heads, window, q):
                scores = torch.bmm(q[part], k[part].transpose(1, 2))
                if bias is not None:
                    scores.add_(bias)
                torch.softmax(scores, dim=-1, out=probability[part])
                if dropout:
                    MASKS.mark(probability[part], dropout)
                torch.bmm(_dropped(probability[part], dropout), v[part], out=out[part])
            kept.append((q, k, v, probability))
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
            for part, _ in _parts(block, heads, None, None):
                dropped = _dropped(probability[part], dropout)
                torch.bmm(dropped.transpose(1, 2), gradient[part], out=of_value[part])
                of_dropped = torch.bmm(gradient[part], v[part].transpose(1, 2))
                if dropout:
                    clear_marked(of_dropped, probability[part])
                whole = torch.abs(probability[part], out=dropped) if dropout else probability[part]
                of_scores = torch._softmax_backward_data(of_dropped, whole, -1, whole.dtype)
                torch.bmm(of_scores, k[part], out=of_query[part])
                torch.bmm(of_scores.transpose(1, 2), q[part], out=of_key[part])
        results[0].mul_(ctx.scale)
        found = [_scatter(x, packing, heads) for x in results]
        for one in found:
            one[packing.tokens :].zero_()  # the filler reads another token's place, but has no gradient
        return found[0], found[1], found[2], None, None, None, None


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


def _parts(
    block: Block, heads: int, window: int | None, like: torch.Tensor | None
) -> Iterator[tuple[slice, torch.Tensor | None]]:
    """Which of the N * H maps to compute at a time, and what is added to their scores."""
    bias = None if like is None else _bias(block, heads, window, like)
    count = block.rows * heads
    size = max(1, CACHED // block.width**2)
    for first in range(0, count, size):
        part = slice(first, min(first + size, count))
        yield part, bias if bias is None or len(bias) == 1 else bias[part]


def _bias(block: Block, heads: int, window: int | None, like: torch.Tensor) -> torch.Tensor | None:
    """What is added to scores: [N * H, 1 or W, W], or the same for all maps [1, W, W]."""
    found = _biases(block, window, like)
    if block.masked is not None:
        found[0] = found[0].expand(-1, heads, -1, -1).flatten(0, 1)
    return sum(found[1:], found[0]) if found else None


def _dropped(probability: torch.Tensor, dropout: float) -> torch.Tensor:
    """Zero where dropout took a probability."""
    return torch.relu(probability) if dropout else probability


def _biases(block: Block, window: int | None, like: torch.Tensor) -> list[torch.Tensor]:
    """What is added to the scores [N, H, W, W]: at padding, and beyond a sliding window."""
    found = [] if block.masked is None else [block.masked.to(like.dtype)]
    if window is not None and block.width > window:
        place = torch.arange(block.width, device=like.device)
        far = (place[:, None] - place[None, :]).abs() >= window
        found.append(torch.zeros(far.shape, dtype=like.dtype, device=like.device).masked_fill_(far, -1e9))
    return found


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
        biases = _biases(block, window, q)
        bias = sum(biases[1:], biases[0]).expand(block.rows, 1, block.width, block.width) if biases else None
        one = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=dropout, scale=scale)
        parts.append(one.transpose(1, 2).flatten(0, 1))
    return torch.cat(parts).index_select(0, packing.inverse)
