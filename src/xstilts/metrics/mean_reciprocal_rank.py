"""Mean reciprocal rank at a cutoff."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.metrics.metric import columns, ratio
from xstilts.metrics.ranking import Ranking, check_cutoff, relevance


@dataclass(frozen=True, kw_only=True)
class MeanReciprocalRank:
    """Mean over queries of 1 ÷ rank of the first correct id, 0 beyond rank k. Unit: fraction in [0, 1].

    Official for Mewsli-X with k = 20, where XTREME-R calls it mAP@20: every query has one correct entity, and the
    two agree (Ruder et al. 2021; ``utils_mewslix.py``). Its language mean is macro over languages.
    ``gold`` holds the correct ids, at least one; ``predicted`` the ranked ids, the best first.
    """

    k: int | None = 20
    """Ranks that count; None: all. Another k is another metric: register it under a name of its own."""

    name: ClassVar[str] = "mean_reciprocal_rank"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "fraction"
    count_names: ClassVar[tuple[str, ...]] = ("reciprocal_rank", "n")
    score_names: ClassVar[tuple[str, ...]] = ("mean_reciprocal_rank",)
    paper: ClassVar[str] = "https://arxiv.org/abs/2104.07412"

    def __post_init__(self) -> None:
        check_cutoff(self.name, self.k)

    @property
    def labels_for_people(self) -> Mapping[str, str]:
        """Score name → short title, with the cutoff in it."""
        return {"mean_reciprocal_rank": f"MRR@{self.k}" if self.k else "MRR"}

    def counts(self, gold: Collection[Hashable], predicted: Ranking, *, language: str) -> NDArray[np.float64]:
        """``[reciprocal_rank, 1]`` of one query.

        Raises:
            UserError: no correct id, or not ids.
        """
        hits, _ = relevance(self.name, gold, predicted, self.k)
        return np.array([1 / (hits.index(True) + 1) if any(hits) else 0.0, 1.0])

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """``mean_reciprocal_rank`` ``[...]`` from totals ``[..., 2]``."""
        reciprocal, n = columns(totals, self.count_names)
        return {"mean_reciprocal_rank": ratio(reciprocal, n)}


METRIC = MeanReciprocalRank()
