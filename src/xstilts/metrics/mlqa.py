"""MLQA: exact match and token F1 with each language's own normalisation."""

from __future__ import annotations

import functools
import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import UnknownName, UserError
from xstilts.metrics.answer_text import AnswerOverlap, best_overlap, check_answers

ARTICLES: Mapping[str, re.Pattern[str] | None] = {
    "ara": re.compile("ال"),
    "deu": re.compile(r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b"),
    "eng": re.compile(r"\b(a|an|the)\b"),
    "hin": None,
    "spa": re.compile(r"\b(un|una|unos|unas|el|la|los|las)\b"),
    "vie": re.compile(r"\b(của|là|cái|chiếc|những)\b"),
    "zho": None,
}
"""ISO 639-3 code → what is removed as an article (None: the language has none)."""

_INDIVIDUAL = {"arb": "ara", "cmn": "zho"}  # individual languages of the two macrolanguages
_HAN = re.compile("([\u4e00-\u9fa5])")


class Mlqa(AnswerOverlap):
    """Token F1 and exact match after the answer language's normalisation. Unit: fraction in [0, 1].

    Lewis et al. 2020 and its ``mlqa_evaluation_v1.py``: lower case; every character of a Unicode
    punctuation category or of ASCII punctuation removed; the language's articles replaced by a space; Chinese cut
    into single characters if they are in U+4E00–U+9FA5, everything else at white space. Maximum over the gold
    answers. XTREME's task score is ``mean`` = (exact match + F1) / 2. ``gold`` is the answer texts, at least one;
    ``predicted`` a text; ``language`` that of the answer, by its ISO 639-3 part (``deu-Latn``).

    Quirks, all of them the script's: Arabic *al-* is removed wherever the two letters occur, even inside a word (the
    pattern's other branch can never match); Vietnamese articles match only in composed (NFC) form; where gold and
    prediction both normalise to nothing, exact match is 1 and F1 is 0.
    """

    name: ClassVar[str] = "mlqa"
    version: ClassVar[int] = 1
    paper: ClassVar[str] = "https://arxiv.org/abs/1910.07475"

    def counts(self, gold: Sequence[str], predicted: str, *, language: str) -> NDArray[np.float64]:
        """``[exact, f1, 1]`` of one question.

        Raises:
            UserError: no gold answer, or not texts.
            UnknownName: a language for which MLQA has no rules.
        """
        check_answers(self.name, gold, predicted)
        if not gold:
            raise UserError(f"{self.name}: a question without gold answers; MLQA has an answer to every question")
        golds = [normalise(answer, language=language) for answer in gold]
        exact, f1 = best_overlap(golds, normalise(predicted, language=language))
        return np.array([exact, f1, 1.0])

    def check_language(self, language: str) -> None:
        """Refuses a language without rules before anything is answered in it.

        Raises:
            UnknownName: MLQA has no rules for it.
        """
        _rules(language)


def normalise(text: str, *, language: str) -> str:
    """An answer as MLQA compares it: tokens with single spaces between them.

    Raises:
        UnknownName: a language for which MLQA has no rules.
    """
    code = _rules(language)
    text = "".join(char for char in text.lower() if not _is_punctuation(char))
    articles = ARTICLES[code]
    if articles is not None:
        text = articles.sub(" ", text)
    if code == "zho":
        text = _HAN.sub(r" \1 ", text)
    return " ".join(text.split())


@functools.cache
def _rules(language: str) -> str:
    code = language.partition("-")[0]
    code = _INDIVIDUAL.get(code, code)
    if code not in ARTICLES:
        raise UnknownName(
            "language of MLQA",
            language,
            ARTICLES,
            hint="the metric squad_v1 applies the English rules to any language",
        )
    return code


@functools.lru_cache(maxsize=1 << 16)
def _is_punctuation(char: str) -> bool:
    return char in string.punctuation or unicodedata.category(char).startswith("P")


METRIC = Mlqa()
