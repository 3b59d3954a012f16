"""H-score with a shrunk covariance: few rows for many features no longer make every arm look good.

The features' covariance is shrunk towards a multiple of the identity as far as Ledoit and Wolf's estimate says (α), and
the covariance of the means by label counts (1 − α) of what it is.

Sources: Ibrahim, Ponomareva & Mazumder (2022), Newer is not always better: rethinking transferability metrics, their
peculiarities, stability and performance, ECML PKDD; Ledoit & Wolf (2004), A well-conditioned estimator for
large-dimensional covariance matrices, Journal of Multivariate Analysis 88(2).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.predictors.h_score import between
from xstilts.analysis.predictors.predictor import Evidence, Predictor


def shrunk(centred_ND: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """The covariance [D, D] of centred rows, shrunk, and how far: 0 is not at all, 1 to a multiple of the identity.

    Lemma 3.2 and section 3.3 of Ledoit & Wolf.
    """
    rows, width = centred_ND.shape
    sample_DD = centred_ND.T @ centred_ND / rows
    mean = float(np.trace(sample_DD)) / width
    distance = float((sample_DD**2).sum()) / width - mean**2
    lengths_N = (centred_ND**2).sum(axis=1)
    noise = (float((lengths_N**2).sum()) / rows - float((sample_DD**2).sum())) / (rows * width)
    alpha = min(max(noise, 0.0), distance) / distance if distance > 0 else 0.0
    return (1 - alpha) * sample_DD + alpha * mean * np.eye(width), alpha


def h_score_regularised(features_ND: NDArray[np.float64], labels_N: NDArray[np.integer]) -> float:
    """NaN with fewer than two rows, or where no feature varies."""
    centred_ND = features_ND - features_ND.mean(axis=0)
    if len(labels_N) < 2 or not centred_ND.any():
        return math.nan
    covariance_DD, alpha = shrunk(centred_ND)
    means_ND = between(centred_ND, labels_N)
    inverse_DD = np.linalg.pinv(covariance_DD, rcond=1e-12, hermitian=True)
    return (1 - alpha) * float(np.sum((means_ND @ inverse_DD) * means_ND)) / len(labels_N)


def score(given: Evidence) -> float:
    """Of the target's rows under the arm's checkpoint."""
    return h_score_regularised(*given.rows())


PREDICTOR = Predictor(
    title="H-score with a covariance shrunk by Ledoit and Wolf",
    needs=("features",),
    score=score,
    paper="https://arxiv.org/abs/2110.06893",
)
