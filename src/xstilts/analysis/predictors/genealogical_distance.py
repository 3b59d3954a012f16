"""Genealogical distance between the languages that the arm trains in and the one that the target is tested in.

0 of the same language, 1/3 within a genus, 2/3 within a family, 1 of different families; of an arm in several languages
that of the nearest one. Arms that all train in one language are all alike: then it predicts nothing.
"""

from __future__ import annotations

import math

from xstilts import languages
from xstilts.analysis.predictors.predictor import Evidence, Predictor
from xstilts.errors import UnknownName


def distance(one: str, other: str) -> float:
    """From 0 to 1; NaN where the family of one of them is not known."""
    try:
        first, second = languages.get(one), languages.get(other)
    except UnknownName:
        return math.nan
    if first.iso639_3 and first.iso639_3 == second.iso639_3:
        return 0.0
    if first.family is None or second.family is None:
        return math.nan
    if first.family != second.family:
        return 1.0
    return 1 / 3 if first.genus is not None and first.genus == second.genus else 2 / 3


def score(given: Evidence) -> float:
    """Minus the distance of the nearest language."""
    found = [distance(one, given.target_language) for one in given.source_languages]
    return -min((one for one in found if not math.isnan(one)), default=math.nan)


PREDICTOR = Predictor(
    title="Nearness of the arm's languages to the tested one by genus and family",
    needs=("languages",),
    score=score,
    by_language=True,
)
