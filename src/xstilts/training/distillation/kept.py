"""Lessons that are kept on disk from one epoch to the next, in fp16: each row with its checksum.

What is read is what was rounded when it was written, in the first epoch too, so that a run that is killed and resumed
goes on with the same numbers. Shape legend: R rows of a stream, N spans of all of them, W numbers of each.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

LARGEST = float(np.finfo(np.float16).max)


class Kept:
    """A file of lessons, whose rows are written when they are first met.

    Args:
        file: survives the process; made where it is not there.
        starts: the first span of every row, and the end of the last [R + 1].
        width: of states.
        parts: states, and queries, keys and values where they are read.
    """

    def __init__(self, file: Path, starts: NDArray[np.int64], *, width: int, parts: int) -> None:
        rows, spans = len(starts) - 1, int(starts[-1])
        file.parent.mkdir(parents=True, exist_ok=True)
        self._starts, self._width, self._parts = starts, width, parts
        self._spans = _opened(file, (spans, parts * width), np.float16)
        self._vectors = _opened(file.with_suffix(".vectors"), (rows, width), np.float16)
        self._sums = _opened(file.with_suffix(".sums"), (rows,), np.uint32)

    def find(self, chosen: NDArray[np.int64]) -> list[NDArray[np.float16]] | None:
        """Vectors [B, D], then states and what else is kept [N, D] of some rows; None where one is not there."""
        if not all(self._sums[row] == self._sum(row) for row in chosen):
            return None
        spans = np.concatenate([self._spans[self._starts[row] : self._starts[row + 1]] for row in chosen])
        parts = [np.ascontiguousarray(part) for part in np.split(spans, self._parts, axis=1)]
        return [self._vectors[chosen], *parts]

    def put(self, chosen: NDArray[np.int64], of_rows: Sequence[torch.Tensor], of_spans: Sequence[torch.Tensor]) -> None:
        """Keeps the lessons of some rows: vectors [B, D], and states and what else there is [N, D]."""
        vectors, *parts = (_rounded(tensor) for tensor in (*of_rows, *of_spans))
        spans, first = np.concatenate(parts, axis=1), 0
        for place, row in enumerate(chosen):
            begin, end = int(self._starts[row]), int(self._starts[row + 1])
            self._spans[begin:end] = spans[first : first + end - begin]
            self._vectors[row] = vectors[place]
            self._sums[row] = self._sum(row)
            first += end - begin

    def _sum(self, row: int) -> int:
        """Of a row that was never written, another than the 0 that is there."""
        spans = self._spans[self._starts[row] : self._starts[row + 1]]
        return zlib.crc32(self._vectors[row].tobytes(), zlib.crc32(spans.tobytes())) | 1


def _opened(file: Path, shape: tuple[int, ...], dtype: type[np.generic]) -> NDArray[Any]:
    """The file as an array; zeros where it is new, or of another size."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if not file.exists() or file.stat().st_size != size:
        with file.open("wb") as stream:
            reserve = getattr(os, "posix_fallocate", None)
            if reserve is None or not size:
                stream.truncate(size)
            else:  # a disk that is full says so now, and not in the middle of a step
                reserve(stream.fileno(), 0, size)
    return np.memmap(file, dtype=dtype, mode="r+", shape=shape)


def _rounded(tensor: torch.Tensor) -> NDArray[np.float16]:
    found: NDArray[np.float16] = tensor.clamp(-LARGEST, LARGEST).half().cpu().numpy()
    return found
