"""Attention over packed rows: blocks of rows of about equal length, each row seeing itself alone.

Plain products and a softmax: torch's fused kernel takes ten times as long on a CPU in bf16 (measured: 32 rows of 33
tokens, 6 heads of 64, forward and backward 15 ms against 1.4). Shape legend: see `packing`.
"""

from __future__ import annotations

from typing import Any

import torch

from xstilts.training.dropout import MASKS
from xstilts.training.packing import NAME, Block, Packing


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
    """Forward and backward block by block; the probabilities are kept."""

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
        gathered = [_gather(x, packing.source) for x in (query_SHK, key_SHK, value_SHK)]
        result = gathered[0].new_empty(gathered[0].shape)
        kept: list[Any] = []
        for block in packing.blocks:
            q, k, v = (_block(x, block) for x in gathered)
            scores = torch.bmm(q, k.transpose(1, 2)).mul_(scale)
            for bias in _biases(block, window, scores):
                scores.view(block.rows, -1, block.width, block.width).add_(bias)
            probability = torch.softmax(scores, dim=-1)
            mask, factor = MASKS.draw(probability, dropout) if dropout > 0.0 else (None, 1.0)
            dropped = probability if mask is None else probability.mul(mask).mul_(factor)
            _into(result, block, torch.bmm(dropped, v))
            kept.append((q, k, v, probability, mask, factor))
        ctx.kept, ctx.packing, ctx.scale = kept, packing, scale
        return result.index_select(0, packing.inverse)

    @staticmethod
    def backward(ctx: Any, gradient_SHK: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # noqa: ANN401
        packing: Packing = ctx.packing
        gathered = _gather(gradient_SHK, packing.source)
        results = [gathered.new_empty(gathered.shape) for _ in range(3)]
        for block, (q, k, v, probability, mask, factor) in zip(packing.blocks, ctx.kept, strict=True):
            gradient = _block(gathered, block)
            dropped = probability if mask is None else probability.mul(mask).mul_(factor)
            _into(results[2], block, torch.bmm(dropped.transpose(1, 2), gradient))
            of_dropped = torch.bmm(gradient, v.transpose(1, 2))
            if mask is not None:
                of_dropped.mul_(mask).mul_(factor)
            of_scores = torch._softmax_backward_data(of_dropped, probability, -1, probability.dtype).mul_(ctx.scale)
            _into(results[0], block, torch.bmm(of_scores, k))
            _into(results[1], block, torch.bmm(of_scores.transpose(1, 2), q))
        found = [x.index_select(0, packing.inverse) for x in results]
        for one in found:
            one[packing.tokens :].zero_()  # the filler reads another token's place, but has no gradient
        return found[0], found[1], found[2], None, None, None, None


def _gather(x_SHK: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
    return x_SHK.index_select(0, source)


def _block(x_PHK: torch.Tensor, block: Block) -> torch.Tensor:
    """[N * H, W, K]"""
    part = x_PHK[block.first : block.first + block.rows * block.width]
    by_row = part.view(block.rows, block.width, *part.shape[1:]).transpose(1, 2)
    return by_row.reshape(-1, block.width, part.shape[-1])


def _into(result_PHK: torch.Tensor, block: Block, x: torch.Tensor) -> None:
    part = result_PHK[block.first : block.first + block.rows * block.width]
    part.view(block.rows, block.width, *part.shape[1:]).copy_(
        x.view(block.rows, -1, block.width, x.shape[-1]).transpose(1, 2)
    )


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
    gathered = [_gather(x, packing.source) for x in (query_SHK, key_SHK, value_SHK)]
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
