"""Hashes of runs of characters, of any length, by doubling: those of 2k characters are made of two of k.

Shapes: N characters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Hashed = NDArray[np.uint64]
_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)


class Hashes:
    """Of all runs in some characters.

    Equal runs have equal hashes wherever they are; of different runs two in 2**64 share one by chance.

    Args:
        characters: [N] code points.
    """

    def __init__(self, characters: NDArray[np.uint32]) -> None:
        self._doubled = [_mixed(characters.astype(np.uint64) * _FIRST)]

    def windows(self, length: int) -> Hashed:
        """[N - length + 1] of every run of a length, by its start; empty where N is smaller."""
        power = length.bit_length() - 1
        half = self._of(power)
        count = len(self._doubled[0]) - length + 1
        if count <= 0:
            return np.zeros(0, dtype=np.uint64)
        behind = length - (1 << power)
        return _joined(half[:count] + _salt(length), half[behind : behind + count])

    def runs(self, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> Hashed:
        """Of runs of various lengths, each as `windows` has it."""
        found = np.zeros(len(starts), dtype=np.uint64)
        powers = np.frexp(lengths.astype(np.float64))[1] - 1
        for power in np.unique(powers).tolist():
            some = np.flatnonzero(powers == power)
            half = self._of(power)
            behind = starts[some] + lengths[some] - (1 << power)
            found[some] = _joined(half[starts[some]] + _salt(lengths[some]), half[behind])
        return found

    def _of(self, power: int) -> Hashed:
        """Of all runs of 2**power characters."""
        while len(self._doubled) <= power:
            last, step = self._doubled[-1], 1 << (len(self._doubled) - 1)
            self._doubled.append(_joined(last[:-step], last[step:]) if len(last) > step else last[:0])
        return self._doubled[power]


def _salt(length: int | NDArray[np.int64]) -> Hashed:
    """So that runs of different lengths differ whose halves, which overlap, are alike."""
    return np.atleast_1d(np.asarray(length)).astype(np.uint64) * _SECOND


def _joined(first: Hashed, second: Hashed) -> Hashed:
    """Of two runs one behind the other; the order counts."""
    found: Hashed = first * _FIRST
    found += second
    return _mixed(found)


def _mixed(found: Hashed) -> Hashed:
    """Every bit depends on every other; in place."""
    found ^= found >> _SHIFT
    found *= _SECOND
    found ^= found >> _SHIFT
    return found
