"""Unweighted means of quantities, replicate by replicate: draws that the parts share stay shared.

What is added is summed and forgotten: the replicates of a million cells would not fit into memory. Parts are summed one
after the other in the order in which they come, however many are added at once: the bits are those of a loop.

Shapes: B replicates, P parts, U means, k seeds.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import chain

import numpy as np

from xstilts.analysis.bootstrap import Sampled
from xstilts.analysis.cells import Floats

Part = tuple[float, Mapping[int, float], int, int]
"""What is kept of a part: mean, value per seed, fewest seeds and clusters."""
AT_ONCE = 64
"""Parts that one call sums: a core's cache holds them."""


class Mean:
    """Mean of several quantities."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._crossed: Floats | None = None
        self._fixed: Floats | None = None

    def add(self, part: Sampled) -> None:
        """Take one more quantity in; its replicates stay as they are."""
        self.extend((part,))

    def extend(self, parts: Sequence[Sampled]) -> None:
        """Take several more in."""
        if not parts:
            return
        self._crossed = _summed(self._crossed, [part.crossed for part in parts])
        self._fixed = _summed(self._fixed, [part.fixed for part in parts])
        self._parts += [part[:4] for part in parts]

    def result(self) -> Sampled | None:
        """The mean; None of nothing."""
        if self._crossed is None or self._fixed is None:
            return None
        return _mean(self._parts, self._crossed, self._fixed)


class Means:
    """A mean for every key; parts of many keys are added at once."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, list[Part]] = {}
        self._crossed, self._fixed = _Sums(), _Sums()

    def add(self, parts: Mapping[Hashable, Sampled]) -> None:
        """Take one more quantity in for each of these keys."""
        for key, part in parts.items():
            self._parts.setdefault(key, []).append(part[:4])
        self._crossed.add({key: part.crossed for key, part in parts.items()})
        self._fixed.add({key: part.fixed for key, part in parts.items()})

    def result(self, key: Hashable) -> Sampled | None:
        """The mean of one; None of nothing."""
        if key not in self._parts:
            return None
        return _mean(self._parts[key], self._crossed[key], self._fixed[key])


class _Sums:
    """A sum [B] for every key."""

    def __init__(self) -> None:
        self._rows: dict[Hashable, int] = {}
        self._sums_UB: Floats = np.empty((0, 0))

    def __getitem__(self, key: Hashable) -> Floats:
        sums: Floats = self._sums_UB[self._rows[key]]
        return sums

    def add(self, parts: Mapping[Hashable, Floats]) -> None:
        held = [key for key in parts if key in self._rows]
        if held:
            rows = [self._rows[key] for key in held]
            block = _stacked([parts[key] for key in held])
            if rows == list(range(len(self._sums_UB))):
                self._sums_UB += block
            else:
                self._sums_UB[rows] += block
        new = [key for key in parts if key not in self._rows]
        if new:
            self._rows.update(zip(new, range(len(self._rows), len(self._rows) + len(new)), strict=True))
            block = _stacked([parts[key] for key in new])
            self._sums_UB = np.concatenate([self._sums_UB, block]) if self._sums_UB.size else block


def _stacked(replicates: Sequence[Floats]) -> Floats:
    """P arrays [B] → [P, B], copied."""
    return np.concatenate(replicates).reshape(len(replicates), -1)


def _summed(total: Floats | None, replicates: Sequence[Floats]) -> Floats:
    """A sum with further arrays [B] added one after the other; a new array."""
    for start in range(0, len(replicates), AT_ONCE):
        some = replicates[start : start + AT_ONCE]
        stacked = _stacked(some if total is None else [total, *some])
        total = np.add.reduce(stacked, axis=0, initial=-0.0)  # which changes no number, not even the sign of a zero
    assert total is not None
    return total


def _mean(parts: Sequence[Part], crossed: Floats, fixed: Floats) -> Sampled:
    """The mean of parts with these sums of replicates."""
    count = len(parts)
    means, by_seed, fewest, clusters = zip(*parts, strict=True)
    distinct = {tuple(one) for one in by_seed if one}  # few: most parts have the same seeds
    seeds = sorted(set.intersection(*map(set, distinct))) if distinct else []
    alike = distinct == {tuple(seeds)} and all(by_seed)
    # A row per seed: numpy sums each as it sums a list.
    of_seed_kP = np.ascontiguousarray((_values(by_seed, seeds) if alike else _paired(seeds, means, by_seed)).T)
    return Sampled(
        mean=float(np.mean(means)),
        by_seed=dict(zip(seeds, of_seed_kP.mean(axis=1).tolist(), strict=True)) if seeds else {},
        fewest=min((few for few, one in zip(fewest, by_seed, strict=True) if one), default=0),
        clusters=min(clusters),
        crossed=crossed / count,
        fixed=fixed / count,
    )


def _values(by_seed: Sequence[Mapping[int, float]], seeds: Sequence[int]) -> Floats:
    """[P, k] the value of every part for its seeds, which are the same in all."""
    size = len(by_seed) * len(seeds)
    found = np.fromiter(chain.from_iterable([values.values() for values in by_seed]), np.float64, size)
    return found.reshape(len(by_seed), len(seeds))


def _paired(seeds: Sequence[int], means: Iterable[float], by_seed: Iterable[Mapping[int, float]]) -> Floats:
    """[P, k] the value of every part for some seeds; what depends on no seed is the same for each."""
    pairs = zip(means, by_seed, strict=True)
    return np.array([[values.get(seed, mean) for seed in seeds] for mean, values in pairs])
