"""Size: the more examples an arm trains on, the better. It costs nothing, and is what others have to beat."""

from __future__ import annotations

from xstilts.analysis.predictors.predictor import Evidence, Predictor


def score(given: Evidence) -> float:
    """The number of examples of one epoch, within the budget of the run."""
    assert given.examples is not None
    return float(given.examples)


PREDICTOR = Predictor(title="Largest data: the number of examples that the arm trains on", needs=("size",), score=score)
