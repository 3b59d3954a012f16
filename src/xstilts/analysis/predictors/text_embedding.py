"""TextEmb: the cosine between the mean text embeddings of the arm's training rows and of the target's.

The embedding of a row is the mean of its tokens' last states under the model that the run starts from; no label is read
and nothing is trained.

Source: Vu et al. (2020), Exploring and predicting transferability across NLP tasks, EMNLP; as in Poth et al. (2021),
What to pre-train on? Efficient intermediate task selection, EMNLP.
"""

from __future__ import annotations

from xstilts.analysis.predictors.predictor import Evidence, Predictor, cosine


def score(given: Evidence) -> float:
    """From −1 to 1."""
    assert given.source_text is not None
    assert given.target_text is not None
    return cosine(given.source_text, given.target_text)


PREDICTOR = Predictor(
    title="Cosine of the mean text embeddings of arm and target",
    needs=("text",),
    score=score,
    paper="https://arxiv.org/abs/2005.00770",
)
