"""A linear probe: least squares with a ridge, in closed form, so that the same rows always give the same probe.

Shape legend: R rows of features, N examples, D features, K outputs.

One row of features an example, and as many outputs as labels; or of multiple choice a row for each choice and one
output, every row taken relative to the mean of its example's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
RIDGE = 0.01
"""Of the number of rows, on features of unit variance, beside one."""


@dataclass(frozen=True, kw_only=True)
class Probed:
    """Examples as a probe reads them.

    Attributes:
        features: [R, D], standardised.
        targets: [R, K].
        example: of each row [R], ascending.
        gold: the output of the gold label [N], or of multiple choice the place of the right row within the example.
        choices: whether the rows are the choices of their examples.
    """

    features: Floats
    targets: Floats
    example: NDArray[np.int64]
    gold: NDArray[np.int64]
    choices: bool

    def rows(self, examples: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which rows are of some examples [N]."""
        return np.asarray(examples[self.example], dtype=bool)

    def margins(self, outputs_RK: Floats, examples: NDArray[np.bool_]) -> Floats:
        """By how much the gold's output is above the best other one, of some examples; above 0: the probe is right."""
        if not self.choices:
            gold = self.gold[examples]
            at = np.arange(len(gold))
            own = outputs_RK[at, gold]
            others = outputs_RK.copy()
            others[at, gold] = -np.inf
            return np.asarray(own - others.max(axis=1))
        scores, of = outputs_RK[:, 0], self.example[self.rows(examples)]
        starts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
        right = starts + self.gold[examples]
        own = scores[right]
        rest = scores.copy()
        rest[right] = -np.inf
        return np.asarray(own - np.maximum.reduceat(rest, starts))


def probed(
    features: Floats, example: NDArray[np.int64], gold: NDArray[np.int64], *, outputs: int, scaled: bool = True
) -> Probed:
    """Standardises features and makes targets.

    Args:
        features: [R, D].
        example: of each row [R], from 0, ascending.
        gold: of each example [N].
        outputs: the number of labels; 0: the rows are choices.
        scaled: whether features get unit variance; of a bag of words that would make rare words as loud as frequent
            ones.
    """
    values = np.asarray(features, dtype=np.float32)
    if outputs:
        targets = np.eye(outputs, dtype=np.float32)[gold]
        targets -= targets.mean(axis=0)
        values = values - values.mean(axis=0)
    else:
        starts = np.flatnonzero(np.r_[True, example[1:] != example[:-1]])
        sizes = np.diff(np.r_[starts, len(example)])
        values = values - np.repeat(np.add.reduceat(values, starts, axis=0) / sizes[:, None], sizes, axis=0)
        targets = np.repeat(-1.0 / sizes, sizes)[:, None].astype(np.float32)
        targets[starts + gold] += 1.0
    spread = values.std(axis=0) if scaled else np.ones(values.shape[1], dtype=np.float32)
    return Probed(
        features=values / np.where(spread > 1e-6, spread, 1.0),
        targets=targets,
        example=example,
        gold=gold,
        choices=not outputs,
    )


def fitted(features_RD: Floats, targets_RK: Floats) -> Floats:
    """The weights [D, K] of least squares with a ridge."""
    gram = features_RD.T @ features_RD
    return solved(gram, features_RD.T @ targets_RK, rows=len(features_RD))


def solved(gram_DD: Floats, moment_DK: Floats, *, rows: int) -> Floats:
    """The weights [D, K] from the sums over the rows."""
    ridge = RIDGE * rows + 1.0
    weights: Floats = np.linalg.solve(
        gram_DD.astype(np.float64) + ridge * np.eye(len(gram_DD)), moment_DK.astype(np.float64)
    )
    return weights.astype(np.float32)
