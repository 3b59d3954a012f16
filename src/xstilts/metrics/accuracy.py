"""Accuracy: the fraction of examples whose label is predicted exactly."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import UserError
from xstilts.metrics.metric import columns, ratio


class Accuracy:
    """Correct ÷ examples. Unit: fraction in [0, 1].

    Official for XNLI, PAWS-X and XCOPA (XTREME, XTREME-R: ``evaluate.py``). ``gold`` and ``predicted`` are labels,
    both names (str) or both indices (int): a name never equals an index, so a mixture is refused rather than
    scored 0. A hidden label is refused too: upstream's placeholder labels once passed for real ones.
    """

    name: ClassVar[str] = "accuracy"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "fraction"
    count_names: ClassVar[tuple[str, ...]] = ("correct", "n")
    score_names: ClassVar[tuple[str, ...]] = ("accuracy",)
    labels_for_people: ClassVar[Mapping[str, str]] = {"accuracy": "accuracy"}
    paper: ClassVar[str] = "https://arxiv.org/abs/2003.11080"

    def counts(self, gold: str | int, predicted: str | int, *, language: str) -> NDArray[np.float64]:
        """``[correct, 1]`` of one example.

        Raises:
            UserError: a label that is hidden (None), neither str nor int, or a name against an index.
        """
        for role, label in (("gold", gold), ("predicted", predicted)):
            if not isinstance(label, str | Integral):
                raise UserError(f"accuracy: the {role} label is {label!r}; expected a name (str) or an index (int)")
        if isinstance(gold, str) != isinstance(predicted, str):
            raise UserError(
                f"accuracy: gold {gold!r} and predicted {predicted!r} cannot be compared: one is a name, one an index"
            )
        return np.array([gold == predicted, 1], dtype=np.float64)

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """``accuracy`` ``[...]`` from totals ``[..., 2]``."""
        correct, n = columns(totals, self.count_names)
        return {"accuracy": ratio(correct, n)}


METRIC = Accuracy()
