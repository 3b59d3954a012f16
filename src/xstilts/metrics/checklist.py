"""MultiCheckList: which share of test cases fails, by upstream's comparison of answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import UserError
from xstilts.metrics.answer_text import check_answers
from xstilts.metrics.metric import columns, ratio

ARTICLES: Mapping[str, str] = {
    "afr": r"(’n)\b",
    "ara": r"\sال^|ال",
    "ben": r"\b(একটি|একজন)",
    "deu": r"\b(ein|eine|einen)\b",
    "ell": r"\b(Ο|ένα|μια)\b",
    "eng": r"\b(a|an|the|in|at)\b",
    "spa": r"\b(un|una|unos|unas|el|la|los|las)\b",
    "eus": r"\b(bat)\b",
    "fas": r"\b(یک)\b",
    "fra": r"\b(un|une|le|la|en)\b",
    "hin": r"\b(एक)",
    "hun": r"\b(egy)\b",
    "ita": r"\b(un|una)\b",
    "mal": r"\b(ഒരു)",
    "mar": r"\b(एक)",
    "mya": r"\b(တစ်ဦး)",
    "nld": r"\b(een)\b",
    "pan": r"\b(ਇੱਕ|ਇਕ)",
    "por": r"\b(um|uma)\b",
    "tam": r"\b(ஒரு)",
    "tgl": r"\b(Si)\b",
    "tur": r"\b(bir)\b",
    "vie": r"\b(một)\b",
    "wol": r"\b(dafa)\b",
    "yor": r"\b(kan)\b",
}
"""ISO 639-3 code → what a blank replaces."""
ENDS: Mapping[str, str] = {"ben": ",. ৷", "hin": ",. ৷", "pan": ",. ।", "pol": "„”,. ", "urd": ",. \u200f"}
"""What goes at either end, where it is more than a comma, a full stop and a blank."""


class Checklist:
    """Failed cases ÷ cases. Unit: fraction in [0, 1].

    Ruder et al. 2021 and ``test_models.py`` of google-research/xtreme: a case is several questions, and fails if one
    of them is answered wrongly (CheckList's ``agg_fn="all"``). ``pass_rate``, 1 − ``error_rate``, comes first, so that
    higher is better as everywhere; ``question_error_rate`` counts only questions. ``gold`` is the answer texts, at
    least one; ``predicted`` a text; ``language`` that of the answer, by its ISO 639-3 part.

    Answers are compared as upstream's ``clean`` leaves them: articles replaced by a blank, then comma, full stop and
    blank cut off at both ends; letters keep their case. Without ``by_cluster`` every question is a case of its own.
    """

    name: ClassVar[str] = "checklist"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "fraction"
    count_names: ClassVar[tuple[str, ...]] = ("wrong", "n", "failed_cases", "cases")
    score_names: ClassVar[tuple[str, ...]] = ("pass_rate", "error_rate", "question_error_rate")
    labels_for_people: ClassVar[Mapping[str, str]] = {
        "pass_rate": "cases passed",
        "error_rate": "cases failed",
        "question_error_rate": "questions answered wrongly",
    }
    paper: ClassVar[str] = "https://arxiv.org/abs/2104.07412"

    def counts(self, gold: Sequence[str], predicted: str, *, language: str) -> NDArray[np.float64]:
        """``[wrong, 1, wrong, 1]`` of one question.

        Raises:
            UserError: no gold answer, or not texts.
        """
        check_answers(self.name, gold, predicted)
        if not gold:
            raise UserError(f"{self.name}: a question without gold answers; every test case has one")
        found = cleaned(predicted, language)
        wrong = float(all(cleaned(answer, language) != found for answer in gold))
        return np.array([wrong, 1.0, wrong, 1.0])

    def by_cluster(self, counts: NDArray[np.float64], clusters: Sequence[str]) -> NDArray[np.float64]:
        """Counts ``[N, 4]`` with the cases that the clusters are: each is counted at its first question."""
        first: dict[str, int] = {}
        cases = counts.copy()
        cases[:, 2:] = 0.0
        for row, cluster in enumerate(clusters):
            place = first.setdefault(cluster, row)
            cases[place, 2] = max(cases[place, 2], counts[row, 0])
            cases[place, 3] = 1.0
        return cases

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """The three rates, each ``[...]``, from totals ``[..., 4]``."""
        wrong, n, failed, cases = columns(totals, self.count_names)
        return {
            "pass_rate": ratio(cases - failed, cases),
            "error_rate": ratio(failed, cases),
            "question_error_rate": ratio(wrong, n),
        }


def cleaned(text: str, language: str) -> str:
    """A text as upstream compares it."""
    code = language.partition("-")[0]
    articles = ARTICLES.get(code)
    return (re.sub(articles, " ", text) if articles else text).strip(ENDS.get(code, ",. "))


METRIC = Checklist()
