"""PARC: whether rows with different labels have different features.

Features are standardised. For every pair of rows, one less the correlation of their features is compared with one less
the correlation of their one-hot labels, by Spearman's rank correlation over all pairs; of more than 1,000 rows, 1,000
at even distances.

Source: Bolya, Mittapalli & Hoffman (2021), Scalable diverse model selection for accessible transfer learning, NeurIPS;
code dbolya/parc at ddfca43.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.predictors.predictor import Evidence, Predictor

MOST = 1_000
"""Rows, whose pairs are ranked."""


def parc(features_ND: NDArray[np.float64], labels_N: NDArray[np.integer]) -> float:
    """From −1 to 1; NaN where no pair of rows has different labels, or different features."""
    from scipy.stats import rankdata

    if len(labels_N) > MOST:
        kept = np.linspace(0, len(labels_N) - 1, MOST).round().astype(np.int64)
        features_ND, labels_N = features_ND[kept], labels_N[kept]
    if len(np.unique(labels_N)) < 2 or len(labels_N) < 3:
        return math.nan
    spread_D = features_ND.std(axis=0)
    standard_ND = (features_ND - features_ND.mean(axis=0)) / np.where(spread_D > 0, spread_D, 1.0)
    alike_NN = _correlations(standard_ND)
    pairs = np.triu_indices(len(labels_N), 1)
    # 1 − corr of one-hot rows is 0 for equal labels and one positive number for all others: ranks need no more.
    apart = (labels_N[:, None] != labels_N[None, :])[pairs].astype(np.float64)
    ranks = np.stack([rankdata(1 - alike_NN[pairs]), rankdata(apart)])
    ranks -= ranks.mean(axis=1, keepdims=True)
    scale = math.sqrt(float((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return float((ranks[0] * ranks[1]).sum()) / scale if scale > 0 else math.nan


def _correlations(values_ND: NDArray[np.float64]) -> NDArray[np.float64]:
    """Between rows [N, N]; a row without any spread correlates with none."""
    centred_ND = values_ND - values_ND.mean(axis=1, keepdims=True)
    lengths_N = np.linalg.norm(centred_ND, axis=1, keepdims=True)
    unit_ND = centred_ND / np.where(lengths_N > 0, lengths_N, 1.0)
    # Rounded, so that pairs which are equally far apart tie.
    return np.asarray(np.round(unit_ND @ unit_ND.T, 12))


def score(given: Evidence) -> float:
    """Of the target's rows under the arm's checkpoint."""
    return parc(*given.rows())


PREDICTOR = Predictor(
    title="Rank correlation of distances between features and between labels",
    needs=("features",),
    score=score,
    paper="https://arxiv.org/abs/2111.06977",
)
