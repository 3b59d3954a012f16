"""H-score: how much of the features' spread lies between the target's labels, in units of their covariance.

The trace of the pseudo-inverse of the features' covariance times the covariance of their means by label. With few rows
for many features it overestimates; `h_score_regularised` corrects for that.

Source: Bao et al. (2019), An information-theoretic approach to transferability in task transfer learning, ICIP.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.predictors.predictor import Evidence, Predictor

NEGLIGIBLE = 1e-12
"""Eigenvalues below this part of the largest count as zero."""


def between(centred_ND: NDArray[np.float64], labels_N: NDArray[np.integer]) -> NDArray[np.float64]:
    """The mean of its label in the place of each row [N, D]."""
    _, place_N = np.unique(labels_N, return_inverse=True)
    counts_C = np.bincount(place_N)
    sums_CD = np.zeros((len(counts_C), centred_ND.shape[1]))
    np.add.at(sums_CD, place_N, centred_ND)
    means_CD: NDArray[np.float64] = sums_CD / counts_C[:, None]
    return np.asarray(means_CD[place_N])


def h_score(features_ND: NDArray[np.float64], labels_N: NDArray[np.integer]) -> float:
    """At least 0, at most the number of labels less one; NaN with fewer than two rows."""
    if len(labels_N) < 2:
        return math.nan
    centred_ND = features_ND - features_ND.mean(axis=0)
    means_ND = between(centred_ND, labels_N)
    inverse_DD = np.linalg.pinv(centred_ND.T @ centred_ND, rcond=NEGLIGIBLE, hermitian=True)
    return float(np.sum((means_ND @ inverse_DD) * means_ND))


def score(given: Evidence) -> float:
    """Of the target's rows under the arm's checkpoint."""
    return h_score(*given.rows())


PREDICTOR = Predictor(
    title="Spread between the target's labels in units of the features' covariance",
    needs=("features",),
    score=score,
    paper="https://doi.org/10.1109/ICIP.2019.8803726",
)
