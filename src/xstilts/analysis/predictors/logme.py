"""LogME: the evidence of a Bayesian linear model of the target's labels on the arm's features, per row.

Each class is regressed by itself (one against the rest), with the precisions of weights and noise that maximise the
evidence, found by a fixed-point iteration of at most 11 rounds from 1; the score is the mean over the classes. Where
there are fewer rows than features, or features that depend on others, the directions without data are part of the
evidence (their share of its determinant cancels their share of the prior), which the published code leaves out; with
independent features and more rows than features both agree.

Source: You et al. (2021), LogME: practical assessment of pre-trained models for transfer learning, ICML; code
thuml/LogME at 56551ca.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.predictors.predictor import Evidence, Predictor

ROUNDS, CLOSE, GUARD = 11, 1e-3, 1e-5


def evidence(features_ND: NDArray[np.float64], labels_N: NDArray[np.integer]) -> float:
    """Mean over the classes of the log evidence of a row; NaN with fewer than two classes."""
    classes = np.unique(labels_N)
    if len(classes) < 2:
        return math.nan
    u_NK, s_K, _ = np.linalg.svd(features_ND, full_matrices=False)
    spectrum_K = s_K**2
    return float(np.mean([_of_class(u_NK, spectrum_K, (labels_N == one).astype(float)) for one in classes]))


def _of_class(u_NK: NDArray[np.float64], spectrum_K: NDArray[np.float64], target_N: NDArray[np.float64]) -> float:
    rows, rank = u_NK.shape
    squares_K = (u_NK.T @ target_N) ** 2
    outside = max(float(target_N @ target_N - squares_K.sum()), 0.0)
    alpha = beta = 1.0
    for _ in range(ROUNDS):
        ratio = alpha / beta
        effective = float((spectrum_K / (spectrum_K + ratio)).sum())
        weights = float((spectrum_K * squares_K / (ratio + spectrum_K) ** 2).sum())
        error = float((squares_K / (1 + spectrum_K / ratio) ** 2).sum()) + outside
        alpha = effective / (weights + GUARD)
        beta = (rows - effective) / (error + GUARD)
        if not (alpha > 0 and beta > 0):
            return math.nan
        if abs(alpha / beta - ratio) / ratio <= CLOSE:
            break
    # Directions without data: D/2 ln(alpha) of the prior and as much of the determinant, which cancel.
    log_determinant = float(np.log(alpha + beta * spectrum_K).sum())
    found = rank / 2 * math.log(alpha) + rows / 2 * math.log(beta) - 0.5 * log_determinant
    found -= beta / 2 * error + alpha / 2 * weights + rows / 2 * math.log(2 * math.pi)
    return float(found / rows)


def score(given: Evidence) -> float:
    """Of the target's rows under the arm's checkpoint."""
    return evidence(*given.rows())


PREDICTOR = Predictor(
    title="Log evidence of a linear model of the target's labels",
    needs=("features",),
    score=score,
    paper="https://arxiv.org/abs/2102.11005",
)
