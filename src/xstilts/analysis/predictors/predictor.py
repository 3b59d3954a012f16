"""What a predictor is: what it looks at, and the score that it gives an arm as preparation for a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

ROOM = "analysis.predictors"
Floats = NDArray[np.floating[Any]]
Whole = NDArray[np.integer[Any]]

Need = Literal["features", "head", "text", "task", "few_shot", "size", "languages"]
"""What a predictor looks at:

- ``features``: of the target's training rows under the arm's checkpoint, with their labels;
- ``head``: the classes that the arm's own head gives to these rows;
- ``text``: mean text embeddings of the arm's and the target's training rows under the model that the run starts from;
- ``task``: task embeddings of the arm and of the target, each under a checkpoint trained on it;
- ``few_shot``: the dev score after a few steps of fine-tuning from the arm's checkpoint;
- ``size`` and ``languages`` of what the arm trains on.
"""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of an arm and a target; None or empty where it is not.

    Shapes: N labelled rows (or words) of the target, D features, Z classes of the arm's head, P parameters.

    Attributes:
        features: [N, D].
        labels: [N], from 0; not every class need occur.
        probabilities: [N, Z], of the classes of the arm's own head.
        source_text: [D].
        target_text: [D].
        source_task: [P].
        target_task: [P].
        dev_score: a fraction.
        examples: that the arm trains on.
        source_languages: that it trains in.
        target_language: that the target is evaluated in.
    """

    features: Floats | None = None
    labels: Whole | None = None
    probabilities: Floats | None = None
    source_text: Floats | None = None
    target_text: Floats | None = None
    source_task: Floats | None = None
    target_task: Floats | None = None
    dev_score: float | None = None
    examples: int | None = None
    source_languages: tuple[str, ...] = ()
    target_language: str = ""

    def rows(self) -> tuple[NDArray[np.float64], Whole]:
        """Features and labels."""
        assert self.features is not None
        assert self.labels is not None
        return self.features.astype(np.float64), self.labels


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """A predictor; its module's name is its name.

    Attributes:
        title: one line for people.
        needs: what it looks at.
        score: higher means that the arm is expected to help more; NaN where the evidence does not define it.
        paper: where it is described.
        by_language: whether it depends on the language that the target is evaluated in.
        version: raised when the code changes results.
    """

    title: str
    needs: tuple[Need, ...]
    score: Callable[[Evidence], float]
    paper: str | None = None
    by_language: bool = False
    version: int = 1


def cosine(first: Floats, second: Floats) -> float:
    """Of the angle between two vectors; NaN where one of them is zero."""
    one, other = first.astype(np.float64), second.astype(np.float64)
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / length if length > 0 else float("nan")
