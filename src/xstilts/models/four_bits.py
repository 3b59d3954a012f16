"""A matrix in 4 bits: whole numbers from −8 to 7, two in a byte, and one scale for each 32 values of a row.

This is llama.cpp's Q4_0. A scale is an fp16 number, so that a value (its whole number times its scale) is exact in
fp32. It is the group's largest value by magnitude, divided by −8: that value comes out as it was, and a matrix that
was in this form once (the embedding of a model that is handed on in 4 bits) is stored again without any loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

SCALE = ".int4_scale"
GROUP = 32
"""Values that share a scale: neighbours in a row."""
LEAST, MOST = -8, 7
_ROWS = 16_384
"""Quantised together, in fp32."""


def fits(tensor: torch.Tensor) -> bool:
    """Whether a tensor is a matrix whose rows are whole groups, and whose values have scales in fp16."""
    import torch

    if tensor.ndim != 2 or tensor.shape[-1] % GROUP:
        return False
    largest = tensor.abs().amax(dim=-1) if tensor.numel() else torch.zeros(1)
    return bool((largest < -LEAST * torch.finfo(torch.float16).max).all())


def pack(tensor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The bytes of a matrix, U8 [rows, columns / 2], and its scales, F16 [rows, columns / 32].

    A group's byte i holds value i in its lower half and value i + 16 in its upper half, each plus 8.
    """
    import torch

    rows, columns = tensor.shape
    packed = torch.empty((rows, columns // 2), dtype=torch.uint8)
    scales = torch.empty((rows, columns // GROUP), dtype=torch.float16)
    for begin in range(0, rows, _ROWS):
        groups = tensor[begin : begin + _ROWS].to(torch.float32).reshape(-1, columns // GROUP, GROUP)
        largest = groups.gather(-1, groups.abs().argmax(dim=-1, keepdim=True))
        scale = (largest / LEAST).to(torch.float16)
        divisor = torch.where(scale == 0, torch.ones_like(scale), scale).to(torch.float32)
        whole = (groups / divisor).round().clamp(LEAST, MOST).mul(scale != 0)
        halves = whole.sub(LEAST).to(torch.uint8).reshape(*whole.shape[:-1], 2, GROUP // 2)
        packed[begin : begin + _ROWS] = (halves[..., 0, :] | (halves[..., 1, :] << 4)).flatten(1)
        scales[begin : begin + _ROWS] = scale.squeeze(-1)
    return packed, scales


def unpack(packed: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
    """The values of a matrix in fp32, [rows, columns]."""
    import torch

    rows, half = packed.shape
    found = torch.empty((rows, 2 * half), dtype=torch.float32)
    groups = found.view(rows, -1, 2, GROUP // 2)
    stored = packed.view(rows, -1, GROUP // 2)
    groups[:, :, 0] = (stored & 15).to(torch.float32)
    groups[:, :, 1] = (stored >> 4).to(torch.float32)
    found.add_(LEAST).view(rows, -1, GROUP).mul_(scales.to(torch.float32).unsqueeze(-1))
    return found
