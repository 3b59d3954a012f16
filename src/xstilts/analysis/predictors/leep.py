"""LEEP: how well the classes of the arm's own head tell the target's labels, as mean log-likelihood.

The joint distribution of the target's label y and the head's class z is estimated from the head's probabilities, and
every row is predicted from it: the mean over rows of log Σ_z P(y | z) P(z | row). A class to which no row gives any
probability says nothing and is left out.

Source: Nguyen et al. (2020), LEEP: a new measure to evaluate transferability of learned representations, ICML.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.predictors.predictor import Evidence, Predictor


def likelihood(probabilities_NZ: NDArray[np.float64], labels_N: NDArray[np.integer]) -> float:
    """In nats a row, at most 0."""
    if not len(labels_N):
        return math.nan
    _, place_N = np.unique(labels_N, return_inverse=True)
    hot_NY = np.eye(int(place_N.max()) + 1)[place_N]
    joint_YZ = hot_NY.T @ probabilities_NZ
    of_class_Z = joint_YZ.sum(axis=0)
    given_YZ = np.divide(joint_YZ, of_class_Z, out=np.zeros_like(joint_YZ), where=of_class_Z > 0)
    expected_N = (probabilities_NZ * given_YZ[place_N]).sum(axis=1)
    return float(np.log(np.maximum(expected_N, np.finfo(np.float64).tiny)).mean())


def score(given: Evidence) -> float:
    """Of the target's rows under the arm's checkpoint and head."""
    assert given.probabilities is not None
    return likelihood(given.probabilities.astype(np.float64), given.rows()[1])


PREDICTOR = Predictor(
    title="Log expected empirical prediction by the classes of the arm's head",
    needs=("features", "head"),
    score=score,
    paper="https://arxiv.org/abs/2002.12462",
)
