"""What the question-answering metrics share: English normalisation, the overlap of two answers and its scores."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import UserError
from xstilts.metrics.metric import columns, ratio

_ENGLISH_ARTICLES = re.compile(r"\b(a|an|the)\b")
_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise_english(text: str) -> str:
    """SQuAD's normalisation: lower case, no ASCII punctuation, no English articles, single spaces.

    Punctuation goes before articles, so ``the-cat`` becomes ``thecat`` and keeps its letters.
    """
    return " ".join(_ENGLISH_ARTICLES.sub(" ", text.lower().translate(_WITHOUT_PUNCTUATION)).split())


def token_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """F1 of two bags of tokens; 0 where they share none (also where both are empty)."""
    shared = sum((Counter(gold) & Counter(predicted)).values())
    if not shared:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(gold)
    # Written as the published scripts write it, so that no figure differs in the last digit.
    return 2 * precision * recall / (precision + recall)


def best_overlap(golds: Sequence[str], predicted: str) -> tuple[float, float]:
    """Exact match and F1 of normalised texts, each the maximum over the gold answers, independently."""
    guess = predicted.split()
    exact = any(gold == predicted for gold in golds)
    return float(exact), max(token_f1(gold.split(), guess) for gold in golds)


def check_answers(metric: str, gold: Sequence[str], predicted: str) -> None:
    """Refuses gold that is not a list of answer texts, or a prediction that is not a text.

    Raises:
        UserError: gold hidden (None), a bare str, or holding something else than text; predicted not a str.
    """
    if isinstance(gold, str) or not isinstance(gold, Sequence):
        raise UserError(f"{metric}: the gold is {gold!r}; expected a sequence of answer texts")
    for answer in gold:
        if not isinstance(answer, str):
            raise UserError(f"{metric}: a gold answer is {answer!r}; expected its text (str)")
    if not isinstance(predicted, str):
        raise UserError(f"{metric}: the predicted answer is {predicted!r}; expected its text (str)")


class AnswerOverlap:
    """Counts and scores of answers where every question has one; how texts are compared is the metric's."""

    unit: ClassVar[str] = "fraction"
    count_names: ClassVar[tuple[str, ...]] = ("exact", "f1", "n")
    score_names: ClassVar[tuple[str, ...]] = ("f1", "exact_match", "mean")
    labels_for_people: ClassVar[Mapping[str, str]] = {
        "f1": "F1",
        "exact_match": "exact match",
        "mean": "mean of F1 and exact match",
    }

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """``f1``, ``exact_match``, ``mean``, each ``[...]``, from totals ``[..., 3]``."""
        exact, f1, n = columns(totals, self.count_names)
        return {"f1": ratio(f1, n), "exact_match": ratio(exact, n), "mean": ratio(exact + f1, 2 * n)}
