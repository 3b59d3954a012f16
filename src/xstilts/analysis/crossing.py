"""How the mean over seeds is taken in every replicate: over the seeds that it draws, and over all of them.

Two ways with the same meaning. `InOrder` looks the drawn seeds' scores up and adds them in the order in which they
were drawn, as a loop over replicates would, bit for bit. `ByWeights` multiplies each seed's score by how often it was
drawn, which needs a fifth of the time; it adds in another order, so the last of 16 digits may differ.

Shapes: B replicates, k seeds, M results, U units (an arm in a place).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.bootstrap import seed_draws, seed_weights
from xstilts.analysis.cells import Floats
from xstilts.analysis.percentiles import mean_in_order

Places = NDArray[np.int64]
Means = tuple[Floats, Floats]
"""[U, B] over the seeds drawn, and [U, B] over all seeds."""
Pairing = tuple[Sequence[int], Sequence[int]]
"""Rows of units, and of the baselines that they are compared with."""
STEPS = 2.0**40
"""Gains by weights are multiples of 2**-40 (1e-12): where the drawn seeds cancel out, a gain is exactly 0."""


class Crossing(Protocol):
    """Means over seeds of the scores of units and of their gains, replicate by replicate."""

    def scores(self, drawn: Floats, places: Places, seeds: Sequence[int]) -> Means:
        """Of the scores ``drawn`` [M, B] of units whose results by seed are at ``places`` [U, k]."""
        ...

    def gains(self, drawn: Floats, arms: Places, bases: Places, seeds: Sequence[int]) -> Means:
        """Of the differences between units at ``arms`` and ``bases``, [U, k] both, paired by seed."""
        ...

    def both(self, drawn: Floats, places: Places, seeds: Sequence[int], *, pairs: Pairing) -> tuple[Means, Means]:
        """Of the scores of units that have the same seeds, and of the differences between some of them."""
        ...


class InOrder:
    """Seed after seed in the order of the draw."""

    def scores(self, drawn: Floats, places: Places, seeds: Sequence[int]) -> Means:
        """Of scores."""
        return self._means([_rows(drawn, column) for column in places.T], seeds)

    def gains(self, drawn: Floats, arms: Places, bases: Places, seeds: Sequence[int]) -> Means:
        """Of differences."""
        pairs = zip(arms.T, bases.T, strict=True)
        return self._means([_rows(drawn, arm) - _rows(drawn, base) for arm, base in pairs], seeds)

    def both(self, drawn: Floats, places: Places, seeds: Sequence[int], *, pairs: Pairing) -> tuple[Means, Means]:
        """Of scores and of differences."""
        arms, bases = (places[list(rows)] for rows in pairs)
        return self.scores(drawn, places, seeds), self.gains(drawn, arms, bases, seeds)

    def _means(self, parts: list[Floats], seeds: Sequence[int]) -> Means:
        """Of k arrays [U, B]."""
        fixed_UB = mean_in_order(parts)
        if len(seeds) < 2:
            return fixed_UB, fixed_UB
        replicates = fixed_UB.shape[1]
        side_by_side, own = np.concatenate(parts, axis=1), np.arange(replicates)
        columns = [
            np.take(side_by_side, drawn * replicates + own, axis=1, mode="clip")  # checked by their making
            for drawn in seed_draws(seeds, replicates=replicates).T
        ]
        return mean_in_order(columns), fixed_UB


class ByWeights:
    """Each seed's score times how often it was drawn."""

    def scores(self, drawn: Floats, places: Places, seeds: Sequence[int]) -> Means:
        """Of scores."""
        crossed = _weighted(drawn, places, seeds)
        unsure = np.isnan(crossed.sum(axis=1))  # also where an undefined score was drawn no time at all
        if unsure.any():
            crossed[unsure] = InOrder().scores(drawn, places[unsure], seeds)[0]
        if len(seeds) < 2:
            return crossed, crossed
        return crossed, _results(drawn, places).mean(axis=1)

    def gains(self, drawn: Floats, arms: Places, bases: Places, seeds: Sequence[int]) -> Means:
        """Of differences: what one baseline is subtracted from is computed together."""
        crossed = np.empty((len(arms), drawn.shape[1]))
        starts = np.flatnonzero((bases[1:] != bases[:-1]).any(axis=1)) + 1
        for some in np.split(np.arange(len(arms)), starts):
            base = _weighted(drawn, bases[some[:1]], seeds)
            np.subtract(_weighted(drawn, arms[some], seeds), base, out=crossed[some[0] : some[-1] + 1])
        unsure = np.isnan(crossed.sum(axis=1))
        if unsure.any():
            crossed[unsure] = InOrder().gains(drawn, arms[unsure], bases[unsure], seeds)[0]
        _in_steps(crossed)
        if len(seeds) < 2:
            return crossed, crossed
        return crossed, (_results(drawn, arms) - _results(drawn, bases)).mean(axis=1)

    def both(self, drawn: Floats, places: Places, seeds: Sequence[int], *, pairs: Pairing) -> tuple[Means, Means]:
        """Of scores and of differences: those between means are the means of the differences."""
        scores = self.scores(drawn, places, seeds)
        arms, bases = (list(rows) for rows in pairs)
        crossed, fixed = (_less(means, arms, bases) for means in scores)
        _in_steps(crossed)
        return scores, (crossed, crossed if len(seeds) < 2 else fixed)


def _less(means: Floats, arms: Sequence[int], bases: Sequence[int]) -> Floats:
    """Rows less other rows: what one baseline is subtracted from is computed together."""
    less = np.empty((len(arms), means.shape[1]))
    start = 0
    for base, some in groupby(zip(arms, bases, strict=True), key=itemgetter(1)):
        rows = [arm for arm, _ in some]
        end = start + len(rows)
        np.subtract(_rows(means, np.array(rows)), means[base], out=less[start:end])
        start = end
    return less


def _in_steps(gains: Floats) -> Floats:
    """The gains, rounded; in place."""
    gains *= STEPS
    np.rint(gains, out=gains)
    gains *= 1 / STEPS
    return gains


def _weighted(drawn: Floats, places: Places, seeds: Sequence[int]) -> Floats:
    """[U, B] means over the seeds that each replicate draws."""
    results_UkB = _results(drawn, places)
    if len(seeds) < 2:
        return results_UkB[:, 0].copy()
    means: Floats = np.einsum("ukb,kb->ub", results_UkB, seed_weights(tuple(seeds), drawn.shape[1]))
    means /= len(seeds)
    return means


def _results(drawn: Floats, places: Places) -> Floats:
    """[U, k, B] the results at places [U, k]; a view, where they follow each other."""
    flat = places.ravel()
    if (np.diff(flat) == 1).all():
        return drawn[flat[0] : flat[-1] + 1].reshape(*places.shape, -1)
    return drawn[places]


def _rows(drawn: Floats, places: Places) -> Floats:
    """Some rows; a view, where they are as far from each other as the first two are."""
    if len(places) > 1:
        step = int(places[1] - places[0])
        if step > 0 and (np.diff(places) == step).all():
            return drawn[places[0] : places[-1] + 1 : step]
    return drawn[places]
