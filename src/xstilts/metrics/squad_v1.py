"""SQuAD v1.1: exact match and token F1 of an extracted answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import UserError
from xstilts.metrics.answer_text import AnswerOverlap, best_overlap, check_answers, normalise_english


class SquadV1(AnswerOverlap):
    """Token F1 and exact match, each the maximum over the gold answers. Unit: fraction in [0, 1].

    Rajpurkar et al. 2016 and its ``evaluate-v1.1.py``: texts are lower-cased, ASCII punctuation and the
    words *a, an, the* are removed. XTREME scores SQuAD, XQuAD and TyDiQA in every language with these English rules.
    The literature reports F1; XTREME's task score is ``mean`` = (exact match + F1) / 2. ``gold`` is the answer
    texts, at least one; ``predicted`` a text.

    Quirks, all the script's: other scripts' punctuation stays; Thai, Chinese and Japanese answers are one token per
    stretch between spaces; where gold and prediction both normalise to nothing (``the`` and ``a``), exact match is 1
    and F1 is 0.
    """

    name: ClassVar[str] = "squad_v1"
    version: ClassVar[int] = 1
    paper: ClassVar[str] = "https://arxiv.org/abs/1606.05250"

    def counts(self, gold: Sequence[str], predicted: str, *, language: str) -> NDArray[np.float64]:
        """``[exact, f1, 1]`` of one question.

        Raises:
            UserError: no gold answer, or not texts.
        """
        check_answers(self.name, gold, predicted)
        if not gold:
            raise UserError(f"{self.name}: a question without gold answers; squad_v2 scores unanswerable questions")
        exact, f1 = best_overlap([normalise_english(answer) for answer in gold], normalise_english(predicted))
        return np.array([exact, f1, 1.0])


METRIC = SquadV1()
