"""What a metric is: additive counts per example, and scores from their sums."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Metric(Protocol):
    """Per-example counts → totals → scores. A bootstrap resamples rows of counts and never decodes again.

    ``counts`` returns float64 ``[C]`` (``C = len(count_names)``), additive over examples. ``scores`` maps totals
    ``[..., C]`` to scores ``[...]`` by name, in [0, 1] ("fraction"), vectorised over leading dimensions; the first
    name is the official one. A score whose denominator is 0 is NaN, never 0. Scores are rounded nowhere.
    """

    name: str
    version: int
    count_names: tuple[str, ...]
    score_names: tuple[str, ...]
    paper: str

    def counts(self, gold: Any, predicted: Any, *, language: str) -> NDArray[np.float64]:  # noqa: ANN401
        """Counts of one example. What ``gold`` and ``predicted`` are is the metric's, stated in its docstring."""
        ...

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Scores from summed counts."""
        ...
