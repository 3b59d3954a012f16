"""Cross-entropy over a large vocabulary without ever holding all logits: chunk by chunk, gradients on the way.

The full logits of a masked-LM batch (1,200 positions × 24,000 pieces in fp32) are 118 MB, and the page faults of
allocating them cost more than the arithmetic. Shape legend: N positions, D width, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch

CHUNK = 256


class _SummedCrossEntropy(torch.autograd.Function):
    """Loss and gradients in one pass; the backward pass only scales them."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        hidden_ND: torch.Tensor,
        weight_VD: torch.Tensor,
        bias_V: torch.Tensor | None,
        target_N: torch.Tensor,
        dtype: torch.dtype,
    ) -> torch.Tensor:
        hidden, weight = hidden_ND.to(dtype), weight_VD.to(dtype)
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        grad_hidden = torch.empty_like(hidden)
        grad_weight = torch.zeros_like(weight_VD, dtype=torch.float32)
        grad_bias = None if bias_V is None else torch.zeros_like(bias_V, dtype=torch.float32)
        for start in range(0, len(hidden), CHUNK):
            part, target = hidden[start : start + CHUNK], target_N[start : start + CHUNK]
            logits = (part @ weight.T).float()
            if bias_V is not None:
                logits += bias_V.float()
            normaliser = torch.logsumexp(logits, dim=-1)
            total += (normaliser - logits.gather(1, target[:, None])[:, 0]).sum()
            error = logits.sub_(normaliser[:, None]).exp_()
            error.scatter_add_(1, target[:, None], torch.full_like(error[:, :1], -1.0))
            if grad_bias is not None:
                grad_bias += error.sum(dim=0)
            error = error.to(dtype)
            grad_hidden[start : start + CHUNK] = error @ weight
            grad_weight += error.T @ part
        ctx.save_for_backward(grad_hidden, grad_weight, *([] if grad_bias is None else [grad_bias]))
        ctx.dtypes = (hidden_ND.dtype, weight_VD.dtype, None if bias_V is None else bias_V.dtype)
        return total

    @staticmethod
    def backward(ctx: Any, scale: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # noqa: ANN401
        grad_hidden, grad_weight, *rest = ctx.saved_tensors
        of_hidden, of_weight, of_bias = ctx.dtypes
        bias = (rest[0] * scale).to(of_bias) if rest else None
        return (grad_hidden * scale).to(of_hidden), (grad_weight * scale).to(of_weight), bias, None, None


def summed_cross_entropy(
    hidden_ND: torch.Tensor, weight_VD: torch.Tensor, bias_V: torch.Tensor | None, target_N: torch.Tensor
) -> torch.Tensor:
    """``cross_entropy(hidden @ weight.T + bias, target, reduction="sum")`` in fp32, products as autocast says."""
    device = hidden_ND.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else hidden_ND.dtype
    with torch.autocast(device, enabled=False):
        loss: torch.Tensor = _SummedCrossEntropy.apply(hidden_ND, weight_VD, bias_V, target_N, dtype)  # type: ignore[no-untyped-call]
    return loss
