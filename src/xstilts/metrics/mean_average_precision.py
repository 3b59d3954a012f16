"""Mean average precision at a cutoff."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.metrics.metric import columns, ratio
from xstilts.metrics.ranking import Ranking, check_cutoff, relevance


@dataclass(frozen=True, kw_only=True)
class MeanAveragePrecision:
    """Mean over queries of the average precision in the first k ranks. Unit: fraction in [0, 1].

    AP@k = Σ over ranks r ≤ k with a correct id of (correct ids up to r ÷ r), divided by min(number of correct ids,
    k). Official for LAReQA with k = 20 (Roy et al. 2020; ``utils_lareqa.py``), where the candidates of
    all languages form one pool and a correct answer in any language counts. ``gold`` holds the correct ids, at
    least one; ``predicted`` the ranked ids, the best first. An id ranked twice counts once but keeps both ranks,
    as upstream.
    """

    k: int | None = 20
    """Ranks that count; None: all. Another k is another metric: register it under a name of its own."""

    name: ClassVar[str] = "mean_average_precision"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "fraction"
    count_names: ClassVar[tuple[str, ...]] = ("average_precision", "n")
    score_names: ClassVar[tuple[str, ...]] = ("mean_average_precision",)
    paper: ClassVar[str] = "https://arxiv.org/abs/2004.05484"

    def __post_init__(self) -> None:
        check_cutoff(self.name, self.k)

    @property
    def labels_for_people(self) -> Mapping[str, str]:
        """Score name → short title, with the cutoff in it."""
        return {"mean_average_precision": f"mAP@{self.k}" if self.k else "mAP"}

    def counts(self, gold: Collection[Hashable], predicted: Ranking, *, language: str) -> NDArray[np.float64]:
        """``[average_precision, 1]`` of one query.

        Raises:
            UserError: no correct id, or not ids.
        """
        hits, correct = relevance(self.name, gold, predicted, self.k)
        found, precision = 0, 0.0
        for rank, hit in enumerate(hits, start=1):
            if hit:
                found += 1
                precision += found / rank
        return np.array([precision / (min(correct, self.k) if self.k else correct), 1.0])

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """``mean_average_precision`` ``[...]`` from totals ``[..., 2]``."""
        precision, n = columns(totals, self.count_names)
        return {"mean_average_precision": ratio(precision, n)}


METRIC = MeanAveragePrecision()
