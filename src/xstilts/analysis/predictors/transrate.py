"""TransRate: how many more nats the features take to code together than label by label.

R(F) = ½ log det(I + FᵀF / (n ε)) of centred features, less the mean of the same over the labels' rows.

Source: Huang et al. (2022), Frustratingly easy transferability estimation, ICML.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.predictors.predictor import Evidence, Predictor

EPSILON = 1e-4


def rate(features_ND: NDArray[np.float64]) -> float:
    """The coding rate of centred features, by the smaller of the two matrices of products."""
    rows, width = features_ND.shape
    products = features_ND.T @ features_ND if width <= rows else features_ND @ features_ND.T
    return 0.5 * float(np.linalg.slogdet(np.eye(len(products)) + products / (rows * EPSILON))[1])


def transrate(features_ND: NDArray[np.float64], labels_N: NDArray[np.integer]) -> float:
    """NaN with fewer than two labels."""
    classes = np.unique(labels_N)
    if len(classes) < 2:
        return math.nan
    centred_ND = features_ND - features_ND.mean(axis=0)
    return rate(centred_ND) - float(np.mean([rate(centred_ND[labels_N == one]) for one in classes]))


def score(given: Evidence) -> float:
    """Of the target's rows under the arm's checkpoint."""
    return transrate(*given.rows())


PREDICTOR = Predictor(
    title="Coding rate of the features beyond that within the target's labels",
    needs=("features",),
    score=score,
    paper="https://arxiv.org/abs/2106.09362",
)
