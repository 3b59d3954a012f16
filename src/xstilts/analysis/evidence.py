"""What speaks against a training: how far it went wrong, and one statement of what shows it. N items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xstilts.analysis.cells import Floats

DEGENERATE = "degenerate"
HALF = "half-degenerate"
LEVELS = (HALF, DEGENERATE)
"""From the lighter to the heavier."""

FEWEST = 20
"""Clusters of items, and steps of a training, below which nothing is concluded: noise alone looks like anything."""
CLEARLY = 3.090
"""Standard errors that luck reaches once in a thousand, on one side: a study compares a hundred trainings."""
SOMEWHAT = 2.326
"""The same once in a hundred: where a second sign says the same."""
BARELY = 1.645
"""Standard errors that luck reaches once in twenty, on one side."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One statement about one training.

    Attributes:
        target: that it was fine-tuned on; None: it is the arm's own training.
        level: ``degenerate`` or ``half-degenerate``.
        text: the end of a sentence of which the training is the subject.
    """

    arm: str
    target: str | None
    seed: int
    level: str
    text: str


def standard_errors(differences: Floats, clusters: Sequence[str]) -> float | None:
    """By how many of its standard errors a mean difference is away from zero; None with too few clusters.

    The items of a cluster are summed first. Of right and wrong answers this is McNemar's test, which is the binomial
    test of the items on which two models differ.

    Args:
        differences: [N].
        clusters: N ids.
    """
    names, places = np.unique(np.asarray(clusters), return_inverse=True)
    if len(names) < FEWEST:
        return None
    sums = np.bincount(places, weights=differences)
    spread = float(np.sqrt((sums**2).sum()))
    return float(sums.sum()) / spread if spread else 0.0
