"""AFLite's Algorithm 1: rows whose gold a linear probe predicts again and again are removed, a slice at a time.

Le Bras et al. 2020, Adversarial Filters of Dataset Biases, https://arxiv.org/abs/2002.04108, Algorithm 1. The probes
here are least squares with a ridge, in closed form; the paper's are logistic regressions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xstilts.phases.linear_probe import Probed, fitted

Order = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Filtering:
    """The five numbers of the algorithm, in rows.

    Attributes:
        m: random partitions an iteration.
        t: rows that each probe is fitted on.
        k: rows removed an iteration at most.
        tau: predictability from which a row may be removed.
        n: rows at which it stops.
    """

    m: int
    t: int
    k: int
    tau: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Filtered:
    """What is left.

    Attributes:
        kept: which examples stay [N].
        predictability: of the probes that had not seen a row when it was last judged, the share that was right [N]; 0
            where every probe had seen it.
        iterations: that were made.
    """

    kept: NDArray[np.bool_]
    predictability: NDArray[np.float64]
    iterations: int


def filtered(data: Probed, by_id: Order, settings: Filtering, *, seed: int) -> Filtered:
    """Filters examples.

    Args:
        data: all of them; targets and features stay as standardised over the whole set.
        by_id: the examples in the order of their ids, which decides between equals.
        settings: as numbers of rows.
        seed: of the partitions.
    """
    kept = np.ones(len(data.gold), dtype=bool)
    predictability = np.zeros(len(kept))
    iterations = 0
    while kept.sum() > settings.n:
        scores = _predictability(data, by_id[kept[by_id]], settings, rng=np.random.default_rng([seed, iterations]))
        iterations += 1
        left = by_id[kept[by_id]]
        predictability[left] = scores
        high = left[scores >= settings.tau]
        most = min(settings.k, int(kept.sum()) - settings.n)
        # A stable sort: rows that tie stay in the order of their ids.
        removed = high[np.argsort(-predictability[high], kind="stable")][:most]
        kept[removed] = False
        if len(removed) < settings.k:
            break
    return Filtered(kept=kept, predictability=predictability, iterations=iterations)


def _predictability(data: Probed, left: Order, settings: Filtering, *, rng: np.random.Generator) -> NDArray[np.float64]:
    """Of the examples that are left, in their order."""
    right, held = np.zeros(len(left)), np.zeros(len(left))
    # All rows stay together where the examples are choices, and are in the order of the examples.
    places = np.full(len(data.gold), -1)
    places[left] = np.arange(len(left))
    for _ in range(settings.m):
        chosen = rng.permutation(len(left))
        size = min(settings.t, len(left) - 1)
        train, rest = np.zeros(len(data.gold), dtype=bool), np.zeros(len(data.gold), dtype=bool)
        train[left[chosen[:size]]] = True
        rest[left[chosen[size:]]] = True
        fit, judged = data.rows(train), data.rows(rest)
        weights = fitted(data.features[fit], data.targets[fit])
        margins = data.margins(data.features[judged] @ weights, rest)
        at = places[np.flatnonzero(rest)]
        held[at] += 1
        right[at] += margins > 0
    return np.divide(right, held, out=np.zeros_like(right), where=held > 0)
