"""Dropout whose masks are cheap: torch draws them one number at a time on a CPU, which costs as much as a layer.

Fifteen random bits decide each element: the probability is rounded to 1/32,768. They come from xorshift generators
side by side (Marsaglia 2003, shifts 13, 7, 17), seeded from SFC64, and both they and what is done with them are integer
operations on whole vectors. On a GPU torch's own dropout is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from xstilts.engine.submodules import Modules, exchanged

_LEVELS = 32_768
_LANES = 65_536
"""Generators side by side: their state stays in the cache."""
_INTEGER = {2: torch.int16, 4: torch.int32, 8: torch.int64}
"""Integers as wide as numbers of so many bytes."""


class Masks:
    """The generator of all masks of a model; `seed` makes them a function of (seed, step, rank)."""

    def __init__(self) -> None:
        self.seed(0)

    def seed(self, *words: int) -> None:
        """Restarts the generator."""
        drawn = np.random.SFC64([*words]).random_raw(_LANES).view(np.int64)
        self._state = torch.from_numpy(drawn)
        self._shifted = torch.empty_like(self._state)

    def state(self) -> torch.Tensor:
        """Where the generator stands; `restore` brings it back there."""
        return self._state.clone()

    def restore(self, state: torch.Tensor) -> None:
        """Draws from where `state` was taken."""
        self._state.copy_(state)

    def kept(self, like: torch.Tensor, probability: float) -> torch.Tensor:
        """All bits set where an element is kept, none where it is dropped; integers as wide as ``like``'s numbers."""
        below = self._bits(like.numel()).sub_(_LEVELS - _threshold(probability)).bitwise_right_shift_(15)
        return below.view(like.shape).to(_INTEGER[like.element_size()])

    def mark(self, numbers: torch.Tensor, probability: float) -> torch.Tensor:
        """Gives those of some non-negative numbers that are dropped a minus sign, in place.

        Returns:
            The numbers with zeros in the place of those.
        """
        kept = self.kept(numbers, probability)
        bits = numbers.view(kept.dtype)
        left = torch.bitwise_and(bits, kept)
        sign = -1 << (8 * numbers.element_size() - 1)
        bits.bitwise_or_(kept.bitwise_not_().bitwise_and_(sign))
        return left.view(numbers.dtype)

    def _bits(self, count: int) -> torch.Tensor:
        """Numbers from 0 to 32,767 [count]."""
        words = -(-count // 4)
        out = torch.empty(4 * words, dtype=torch.int16)
        for first in range(0, words, _LANES):
            size = min(_LANES, words - first)
            state = _next(self._state[:size], self._shifted[:size])
            torch.bitwise_and(state.view(torch.int16), _LEVELS - 1, out=out[4 * first : 4 * (first + size)])
        return out[:count]


def _next(state: torch.Tensor, shifted: torch.Tensor) -> torch.Tensor:
    """The next number of each generator, in place."""
    state.bitwise_xor_(torch.bitwise_left_shift(state, 13, out=shifted))
    # Shifts to the right carry the sign: it goes.
    state.bitwise_xor_(torch.bitwise_right_shift(state, 7, out=shifted).bitwise_and_((1 << 57) - 1))
    return state.bitwise_xor_(torch.bitwise_left_shift(state, 17, out=shifted))


def scale(probability: float) -> float:
    """What the kept are multiplied by, so that the expected value stays."""
    return _LEVELS / (_LEVELS - _threshold(probability))


class Randomness:
    """Where all generators stand that dropout draws from.

    Args:
        masks: the engine's; None where it is not used.
    """

    def __init__(self, masks: Masks | None) -> None:
        self._masks, self._drawn = masks, None if masks is None else masks.state()
        self._host = torch.get_rng_state()
        self._devices = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []

    def again(self) -> None:
        """Brings them back there: the same masks are drawn again."""
        if self._masks is not None and self._drawn is not None:
            self._masks.restore(self._drawn)
        torch.set_rng_state(self._host)
        if self._devices:
            torch.cuda.set_rng_state_all(self._devices)


def unmarked(marked: torch.Tensor) -> torch.Tensor:
    """All bits set where a number has no minus sign, else none; integers as wide as the numbers."""
    bits = marked.view(_INTEGER[marked.element_size()])
    return bits.bitwise_right_shift(8 * marked.element_size() - 1).bitwise_not_()


def masked(numbers: torch.Tensor, kept: torch.Tensor, *, out: torch.Tensor | None = None) -> torch.Tensor:
    """Zeros where ``kept`` has no bits set."""
    bits = None if out is None else out.view(kept.dtype)
    return torch.bitwise_and(numbers.contiguous().view(kept.dtype), kept, out=bits).view(numbers.dtype)


def _threshold(probability: float) -> int:
    return round(probability * _LEVELS)


class _Dropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: torch.Tensor, probability: float, masks: Masks) -> torch.Tensor:  # noqa: ANN401
        kept = masks.kept(hidden, probability)
        ctx.save_for_backward(kept)
        ctx.scale = scale(probability)
        return masked(hidden, kept).mul_(ctx.scale)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:  # noqa: ANN401
        return masked(gradient, ctx.saved_tensors[0]).mul_(ctx.scale), None, None


class FastDropout(torch.nn.Dropout):
    """`torch.nn.Dropout` that takes its masks from a `Masks` on a CPU."""

    def __init__(self, p: float, masks: Masks) -> None:
        super().__init__(p)
        self._masks = masks

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Drops in training, and scales what is kept."""
        if not self.training or not 0.0 < self.p < 1.0 or hidden.device.type != "cpu":
            return super().forward(hidden)
        result: torch.Tensor = _Dropout.apply(hidden, self.p, self._masks)  # type: ignore[no-untyped-call]
        return result


@contextmanager
def fast_dropout(model: Modules, masks: Masks) -> Iterator[None]:
    """Within the block every `torch.nn.Dropout` of a model is a `FastDropout`."""
    plain = [module for module in model.modules() if type(module) is torch.nn.Dropout]
    with exchanged(model, {module: FastDropout(module.p, masks) for module in plain}):
        yield
