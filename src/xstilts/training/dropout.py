"""Dropout whose masks are cheap: torch draws them one number at a time on a CPU, which costs as much as a layer.

Sixteen random bits decide each element, four of them from each word of SFC64: the probability is rounded to 1/65,536.
On a GPU torch's own dropout is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

_ONE = {torch.bfloat16: 0x3F80, torch.float16: 0x3C00}
_LEVELS = 65_536


class Masks:
    """The generator of all masks of a process; `seed` makes them a function of (seed, step, rank)."""

    def __init__(self) -> None:
        self._bits = np.random.SFC64(0)

    def seed(self, *words: int) -> None:
        """Restarts the generator."""
        self._bits = np.random.SFC64([*words])

    def draw(self, like: torch.Tensor, probability: float) -> tuple[torch.Tensor, float]:
        """A mask of ones and zeros (probability of a zero), and what the kept are to be scaled by."""
        threshold = round(probability * _LEVELS)
        count = like.numel()
        bits = self._bits.random_raw(-(-count // 4)).view(np.uint16)[:count]
        kept = bits >= threshold
        if like.dtype in _ONE:
            ones = kept.astype(np.int16)
            ones *= _ONE[like.dtype]
            mask = torch.from_numpy(ones).view(like.dtype)
        else:
            mask = torch.from_numpy(kept).to(like.dtype)
        return mask.view(like.shape), _LEVELS / (_LEVELS - threshold)


MASKS = Masks()


class _Dropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: torch.Tensor, probability: float) -> torch.Tensor:  # noqa: ANN401
        mask, scale = MASKS.draw(hidden, probability)
        ctx.save_for_backward(mask)
        ctx.scale = scale
        return hidden.mul(mask).mul_(scale)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:  # noqa: ANN401
        return gradient.mul(ctx.saved_tensors[0]).mul_(ctx.scale), None


class FastDropout(torch.nn.Dropout):
    """`torch.nn.Dropout` with masks of `Masks` on a CPU."""

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Drops in training, and scales what is kept."""
        if not self.training or not 0.0 < self.p < 1.0 or hidden.device.type != "cpu":
            return super().forward(hidden)
        result: torch.Tensor = _Dropout.apply(hidden, self.p)  # type: ignore[no-untyped-call]
        return result


@contextmanager
def fast_dropout(model: torch.nn.Module) -> Iterator[None]:
    """All dropout modules of a model draw their masks the fast way within."""
    modules = [module for module in model.modules() if type(module) is torch.nn.Dropout]
    for module in modules:
        module.__class__ = FastDropout
    try:
        yield
    finally:
        for module in modules:
            module.__class__ = torch.nn.Dropout
