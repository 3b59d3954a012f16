"""NCE: minus the entropy of the target's label given the class that the arm's head decides for.

Source: Tran et al. (2019), Transferability and hardness of supervised classification tasks, ICCV.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.predictors.predictor import Evidence, Predictor


def conditional_entropy(classes_N: NDArray[np.integer], labels_N: NDArray[np.integer]) -> float:
    """H(label | class) in nats."""
    if not len(labels_N):
        return math.nan
    _, z_N = np.unique(classes_N, return_inverse=True)
    _, y_N = np.unique(labels_N, return_inverse=True)
    joint_ZY = np.zeros((int(z_N.max()) + 1, int(y_N.max()) + 1))
    np.add.at(joint_ZY, (z_N, y_N), 1.0 / len(labels_N))
    given_ZY = joint_ZY / joint_ZY.sum(axis=1, keepdims=True)
    seen_ZY = joint_ZY > 0
    return float(-(joint_ZY[seen_ZY] * np.log(given_ZY[seen_ZY])).sum())


def score(given: Evidence) -> float:
    """Of the target's rows under the arm's checkpoint and head."""
    assert given.probabilities is not None
    return -conditional_entropy(given.probabilities.argmax(axis=1), given.rows()[1])


PREDICTOR = Predictor(
    title="Negative conditional entropy of the target's labels given the head's decisions",
    needs=("features", "head"),
    score=score,
    paper="https://arxiv.org/abs/1908.08142",
)
