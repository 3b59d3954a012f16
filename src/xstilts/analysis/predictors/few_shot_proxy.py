"""Few-shot proxy: the dev score after a few steps of fine-tuning on the target, from the arm's checkpoint.

By default 50 steps on at most 1,000 of the target's training rows; the dev rows are those of the source language by
which the target's fine-tuning is selected.

Source: Poth et al. (2021), What to pre-train on? Efficient intermediate task selection, EMNLP (few-shot fine-tuning).
"""

from __future__ import annotations

from xstilts.analysis.predictors.predictor import Evidence, Predictor


def score(given: Evidence) -> float:
    """A fraction, by the target's official metric."""
    assert given.dev_score is not None
    return given.dev_score


PREDICTOR = Predictor(
    title="Dev score after a few steps of fine-tuning",
    needs=("few_shot",),
    score=score,
    paper="https://arxiv.org/abs/2104.08247",
)
