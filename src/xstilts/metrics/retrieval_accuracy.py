"""Retrieval accuracy: is a sentence's nearest neighbour its translation, in either direction."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import UserError
from xstilts.metrics.metric import columns, ratio

DIRECTIONS = ("from_english", "to_english")


class RetrievalAccuracy:
    """Fraction of sentences whose translation is retrieved first, by direction. Unit: fraction in [0, 1].

    Official for Tatoeba (XTREME). XTREME's script indexes the foreign sentences and takes the English ones as queries,
    so its figure is ``english_to_foreign``; ``both`` is the mean of the two directions. ``gold`` is the id of the
    pair; ``predicted`` maps ``from_english`` to the id of the foreign sentence retrieved for the English one, and
    ``to_english`` to the id of the English sentence retrieved for the foreign one.

    The number of candidates matters as much as the model: compare only figures over the same index.
    """

    name: ClassVar[str] = "retrieval_accuracy"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "fraction"
    count_names: ClassVar[tuple[str, ...]] = ("correct_english_to_foreign", "correct_foreign_to_english", "n")
    score_names: ClassVar[tuple[str, ...]] = ("english_to_foreign", "foreign_to_english", "both")
    labels_for_people: ClassVar[Mapping[str, str]] = {
        "english_to_foreign": "accuracy, en→xx",
        "foreign_to_english": "accuracy, xx→en",
        "both": "accuracy, both directions",
    }
    paper: ClassVar[str] = "https://arxiv.org/abs/2003.11080"

    def counts(self, gold: str | int, predicted: Mapping[str, str | int], *, language: str) -> NDArray[np.float64]:
        """``[correct_english_to_foreign, correct_foreign_to_english, 1]`` of one pair.

        Raises:
            UserError: gold is hidden (None), a direction is missing, or a str id is compared with an int id.
        """
        if not isinstance(gold, str | Integral):
            raise UserError(f"{self.name}: the gold id is {gold!r}; expected the id of the pair (str or int)")
        if not isinstance(predicted, Mapping) or any(direction not in predicted for direction in DIRECTIONS):
            raise UserError(f"{self.name}: predicted is {predicted!r}; expected ids under {' and '.join(DIRECTIONS)}")
        ids = [predicted[direction] for direction in DIRECTIONS]
        if any(isinstance(found, str) != isinstance(gold, str) for found in ids):
            raise UserError(f"{self.name}: gold {gold!r} and predicted {predicted!r} are not ids of one type")
        return np.array([*(found == gold for found in ids), 1], dtype=np.float64)

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """``english_to_foreign``, ``foreign_to_english``, ``both``, each ``[...]``, from totals ``[..., 3]``."""
        forth, back, n = columns(totals, self.count_names)
        return {
            "english_to_foreign": ratio(forth, n),
            "foreign_to_english": ratio(back, n),
            "both": ratio(forth + back, 2 * n),
        }


METRIC = RetrievalAccuracy()
