"""What the question-answering metrics share: English normalisation and the overlap of two answers."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

from xstilts.errors import UserError

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
    """Refuses what is no list of answer texts, or no predicted text.

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
