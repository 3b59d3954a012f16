"""Similarities in reduced precision with a bound on their error: which pairs of vectors can be near at all.

Vectors are centred, x' = x - c and y' = y - d, and then rounded to x^ and y^. The product that is computed is

    x^ y^ + a + b,  a = x' d,  b = c y',  which but for the constant c d is x y,

a and b as two more columns of the matrices. Its error is at most |x' - x^| |y'| + |x^| |y' - y^| (Cauchy and Schwarz)
and what summing in fp32 adds: the first is known for every vector, and small where x' and y' are short.

Shape legend: n vectors of width D, R rows and C columns of a tile.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Vectors = NDArray[np.float32]
Floats = NDArray[np.float64]

_SUMMING = 2.0**-22
"""Bound on the relative error of a sum in fp32, per addend: four times the unit roundoff."""
_COLUMN = 2.0**-16
"""Of a number that two columns in bf16 hold: four times the bound."""
_REST = 2.0**-20
"""Of x y itself in fp32, and of centring in fp32."""


class Source(Protocol):
    """Vectors that need not all be held as one array; an array is one."""

    def __len__(self) -> int:
        """How many they are."""
        ...

    def __getitem__(self, stretch: slice, /) -> Vectors:
        """Some of them as an array [n, D], fp32."""
        ...


@dataclass(frozen=True)
class Coded:
    """Vectors ready for products.

    Attributes:
        exact: as they were given [n, D].
        codes: x^ and the columns that add a and b [n, D + 4].
        size: |x'| [n].
        lost: |x' - x^| [n].
        added: |a| or |b| [n].
        whole: |x| [n].
    """

    exact: Vectors
    codes: torch.Tensor
    size: Floats
    lost: Floats
    added: Floats
    whole: Floats

    def __len__(self) -> int:
        return len(self.exact)

    @cached_property
    def largest(self) -> tuple[float, float, float, float]:
        """The largest size, loss, addend and length."""
        return tuple(float(of.max()) for of in (self.size, self.lost, self.added, self.whole))  # type: ignore[return-value]

    def error(self, others: Coded) -> Floats:
        """The largest error of the product of each vector with any of ``others`` [n], its rounding left out."""
        size, lost, added, whole = others.largest
        rounding = self.lost * size + (self.size + self.lost) * lost
        addends = self.added + added
        sums = (self.exact.shape[1] + 4) * ((self.size + self.lost) * (size + lost) + addends)
        error: Floats = rounding + _SUMMING * sums + _COLUMN * addends + _REST * self.whole * whole
        return error


class Screen:
    """The products of the vectors of two sides, tile by tile.

    Args:
        left: read twice, a stretch at a time.
        right: held, with their codes.
        rows, columns: the largest tile.
        precision: of the products; None: what this processor multiplies fastest. It decides speed alone.
    """

    def __init__(
        self, left: Source, right: Vectors, *, rows: int, columns: int, precision: torch.dtype | None = None
    ) -> None:
        self.left, self.right = left, right
        self.precision = precision or fastest()
        self._left_centre = _mean(left, spans(len(left), rows))
        self._right_centre = _mean(right, spans(len(right), rows))
        self.constant = float(self._left_centre.astype(np.float64) @ self._right_centre.astype(np.float64))
        self.columns = [(span, self._coded(right[slice(*span)], left=False)) for span in spans(len(right), columns)]

    def rows(self, start: int, stop: int) -> Coded:
        """Vectors of the left side."""
        return self._coded(self.left[start:stop], left=True)

    def _coded(self, exact: Vectors, *, left: bool) -> Coded:
        import torch

        centre, other = self._left_centre, self._right_centre
        if not left:
            centre, other = other, centre
        centred = torch.from_numpy(exact - centre)
        added = centred.double() @ torch.from_numpy(other).double()
        codes = torch.ones(len(exact), exact.shape[1] + 4, dtype=self.precision)
        codes[:, :-4] = centred
        first = -4 if left else -2  # the other side has ones there
        codes[:, first] = added
        codes[:, first + 1] = added - codes[:, first].double()
        lost = torch.linalg.vector_norm(centred - codes[:, :-4], dim=1)
        size = torch.linalg.vector_norm(centred, dim=1)
        whole = torch.linalg.vector_norm(torch.from_numpy(exact), dim=1)
        # The norms are themselves summed in fp32.
        size, lost, whole = (norm.double().numpy() * (1 + 2.0**-12) for norm in (size, lost, whole))
        return Coded(exact=exact, codes=codes, size=size, lost=lost, added=added.abs().numpy(), whole=whole)


def product(rows: Coded, columns: Coded) -> torch.Tensor:
    """The tile [R, C]: all products of two sides, but for the constant, rounded to the precision of the codes."""
    import torch

    return torch.mm(rows.codes, columns.codes.T)


def at_least(tile: torch.Tensor, bar: Floats, *, axis: int) -> NDArray[np.bool_]:
    """Where a tile [R, C] reaches the bar of its row (``axis`` 1) or column (0); where that is not positive, all.

    Floats that are not negative are ordered like their bits, and integers are compared several times as fast.
    """
    import torch

    bits = torch.int16 if tile.dtype == torch.bfloat16 else torch.int32
    whole = torch.from_numpy(bar).to(torch.float32).to(tile.dtype)
    least = whole.view(bits).numpy().copy()
    least[~(bar > 0)] = np.iinfo(least.dtype).min
    reached: NDArray[np.bool_] = tile.view(bits).numpy() >= (least[:, None] if axis else least)
    return reached


def spans(count: int, longest: int) -> list[tuple[int, int]]:
    """Stretches of ``longest``, the last one shorter."""
    return [(start, min(start + longest, count)) for start in range(0, count, longest)]


def fastest() -> torch.dtype:
    """bf16 where the processor has instructions for it (AVX512-BF16, AMX), else fp32."""
    import torch

    has = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return torch.bfloat16 if has() else torch.float32


def _mean(vectors: Source, stretches: list[tuple[int, int]]) -> Vectors:
    total: Floats = np.sum([vectors[start:stop].sum(axis=0, dtype=np.float64) for start, stop in stretches], axis=0)
    return (total / len(vectors)).astype(np.float32)
