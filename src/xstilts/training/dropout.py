"""Dropout whose masks are cheap: torch draws them one number at a time on a CPU, which costs as much as a layer.

Fifteen random bits decide each element, four of them to a word of SFC64: the probability is rounded to 1/32,768. What
is done with them are integer operations on the bits of the numbers themselves. On a GPU torch's own dropout is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

_LEVELS = 32_768
_INTEGER = {2: torch.int16, 4: torch.int32, 8: torch.int64}
"""Integers as wide as numbers of so many bytes."""


class Masks:
    """The generator of all masks of a process; `seed` makes them a function of (seed, step, rank)."""

    def __init__(self) -> None:
        self.seed(0)

    def seed(self, *words: int) -> None:
        """Restarts the generator."""
        self._generator = np.random.SFC64([*words])

    def kept(self, like: torch.Tensor, probability: float) -> torch.Tensor:
        """All bits set where an element is kept, none where it is dropped; integers as wide as ``like``'s numbers."""
        below = self._bits(like.numel()).sub_(_LEVELS - _threshold(probability)).bitwise_right_shift_(15)
        return below.view(like.shape).to(_INTEGER[like.element_size()])

    def mark(self, numbers: torch.Tensor, probability: float) -> None:
        """Gives those of some non-negative numbers that are dropped a minus sign, in place."""
        below = self._bits(numbers.numel()).sub_(_threshold(probability)).bitwise_and_(-_LEVELS)
        signs = below.view(numbers.shape).to(_INTEGER[numbers.element_size()])
        if numbers.element_size() > 2:
            signs <<= 8 * numbers.element_size() - 16
        numbers.view(signs.dtype).bitwise_or_(signs)

    def _bits(self, count: int) -> torch.Tensor:
        """Numbers from 0 to 32,767 [count]."""
        words = self._generator.random_raw(-(-count // 4)).view(np.int16)[:count]
        return torch.from_numpy(words).bitwise_and_(_LEVELS - 1)


def scale(probability: float) -> float:
    """What the kept are multiplied by, so that the expected value stays."""
    return _LEVELS / (_LEVELS - _threshold(probability))


MASKS = Masks()


def clear_marked(numbers: torch.Tensor, marked: torch.Tensor) -> None:
    """Sets numbers to zero, in place, where ``marked`` (of the same shape and type) has a minus sign."""
    integer = _INTEGER[numbers.element_size()]
    kept = marked.view(integer).bitwise_right_shift(8 * marked.element_size() - 1).bitwise_not_()
    numbers.view(integer).bitwise_and_(kept)


def _threshold(probability: float) -> int:
    return round(probability * _LEVELS)


class _Dropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: torch.Tensor, probability: float) -> torch.Tensor:  # noqa: ANN401
        kept = MASKS.kept(hidden, probability)
        ctx.save_for_backward(kept)
        ctx.scale = scale(probability)
        return _masked(hidden, kept).mul_(ctx.scale)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:  # noqa: ANN401
        return _masked(gradient, ctx.saved_tensors[0]).mul_(ctx.scale), None


def _masked(numbers: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    return torch.bitwise_and(numbers.contiguous().view(kept.dtype), kept).view(numbers.dtype)


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
