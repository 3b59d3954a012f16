"""SQuAD 2.0: exact match and token F1 where a question may have no answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.metrics.answer_text import best_overlap, check_answers, normalise_english
from xstilts.metrics.metric import columns, ratio


class SquadV2:
    """Token F1 and exact match with unanswerable questions, also apart by answerability. Unit: fraction in [0, 1].

    Rajpurkar et al. 2018 and its ``evaluate-v2.0.py`` without a no-answer threshold; score names are the
    script's. ``gold`` is the answer texts, empty where there is no answer; ``predicted`` is a text, ``""`` for none.
    The best-threshold scores need the model's no-answer probabilities and are not given.

    Quirks, all the script's: gold answers that normalise to nothing (``the``) are dropped, and if none is left only an
    empty prediction is right, though the question stays among the answerable ones; a prediction that normalises to
    nothing counts as *no answer*; on unanswerable questions F1 and exact match are the same number.
    """

    name: ClassVar[str] = "squad_v2"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "fraction"
    count_names: ClassVar[tuple[str, ...]] = (
        "has_answer_exact",
        "has_answer_f1",
        "has_answer_n",
        "no_answer_correct",
        "no_answer_n",
    )
    score_names: ClassVar[tuple[str, ...]] = (
        "f1",
        "exact_match",
        "HasAns_f1",
        "HasAns_exact",
        "NoAns_f1",
        "NoAns_exact",
    )
    labels_for_people: ClassVar[Mapping[str, str]] = {
        "f1": "F1",
        "exact_match": "exact match",
        "HasAns_f1": "F1, answerable",
        "HasAns_exact": "exact match, answerable",
        "NoAns_f1": "F1, unanswerable",
        "NoAns_exact": "exact match, unanswerable",
    }
    paper: ClassVar[str] = "https://arxiv.org/abs/1806.03822"

    def counts(self, gold: Sequence[str], predicted: str, *, language: str) -> NDArray[np.float64]:
        """``[has_answer_exact, has_answer_f1, has_answer_n, no_answer_correct, no_answer_n]`` of one question.

        Raises:
            UserError: not texts.
        """
        check_answers(self.name, gold, predicted)
        guess = normalise_english(predicted)
        golds = [text for text in map(normalise_english, gold) if text]
        # Against "no answer" there is nothing to overlap with: both are empty, or the prediction is wrong.
        exact, f1 = best_overlap(golds, guess) if golds else (float(not guess), float(not guess))
        return np.array([exact, f1, 1, 0, 0] if gold else [0, 0, 0, exact, 1], dtype=np.float64)

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """The six scores, each ``[...]``, from totals ``[..., 5]``."""
        has_exact, has_f1, has_n, no_correct, no_n = columns(totals, self.count_names)
        no_answer = ratio(no_correct, no_n)
        return {
            "f1": ratio(has_f1 + no_correct, has_n + no_n),
            "exact_match": ratio(has_exact + no_correct, has_n + no_n),
            "HasAns_f1": ratio(has_f1, has_n),
            "HasAns_exact": ratio(has_exact, has_n),
            "NoAns_f1": no_answer,
            "NoAns_exact": no_answer.copy(),
        }


METRIC = SquadV2()
