"""Token accuracy: the share of words with the right tag, for tags that form no spans (supertags)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.metrics.metric import columns, ratio
from xstilts.metrics.spans import check_tags


class TokenAccuracy:
    """Right tags over all words, pooled over sentences. Unit: fraction in [0, 1]."""

    name: ClassVar[str] = "token_accuracy"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "fraction"
    count_names: ClassVar[tuple[str, ...]] = ("correct", "tokens")
    score_names: ClassVar[tuple[str, ...]] = ("token_accuracy",)
    labels_for_people: ClassVar[Mapping[str, str]] = {"token_accuracy": "token accuracy"}
    paper: ClassVar[str] = "https://aclanthology.org/J99-2004/"

    def counts(self, gold: Sequence[str], predicted: Sequence[str], *, language: str) -> NDArray[np.float64]:
        """``[correct, tokens]`` of one sentence.

        Raises:
            UserError: lengths differ, or a tag is not a non-empty str.
        """
        check_tags(self.name, gold, predicted)
        return np.array([sum(tag == guess for tag, guess in zip(gold, predicted, strict=True)), len(gold)], dtype=float)

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """``token_accuracy`` ``[...]`` from totals ``[..., 2]``."""
        correct, tokens = columns(totals, self.count_names)
        return {"token_accuracy": ratio(correct, tokens)}


METRIC = TokenAccuracy()
