"""TaskEmb: the cosine between what the weights of two models are sensitive to, each trained on one of the tasks.

A task embedding is the mean over a task's training rows of the squared gradient of the loss with the true label (the
diagonal of the empirical Fisher information), averaged over the inputs of each unit; `phases/task_embedding.py` has
the details.

Source: Vu et al. (2020), Exploring and predicting transferability across NLP tasks, EMNLP; Achille et al. (2019),
Task2Vec, ICCV.
"""

from __future__ import annotations

from xstilts.analysis.predictors.predictor import Evidence, Predictor, cosine


def score(given: Evidence) -> float:
    """From 0 to 1."""
    assert given.source_task is not None
    assert given.target_task is not None
    return cosine(given.source_task, given.target_task)


PREDICTOR = Predictor(
    title="Cosine of the task embeddings of arm and target",
    needs=("task",),
    score=score,
    paper="https://arxiv.org/abs/2005.00770",
)
