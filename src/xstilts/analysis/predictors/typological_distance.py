"""Typological distance between the languages that the arm trains in and the one that the target is tested in.

The mean over word order (0 or 1), morphological type (0 or 1) and fusion (the difference of Grambank's scores), as far
as the table of languages knows them of both; of an arm in several languages that of the nearest one. Arms that all
train in one language are all alike: then it predicts nothing.
"""

from __future__ import annotations

import math

from xstilts import languages
from xstilts.analysis.predictors.predictor import Evidence, Predictor
from xstilts.errors import UnknownName


def distance(one: str, other: str) -> float:
    """From 0 to 1; NaN where nothing is known of both."""
    try:
        first, second = languages.get(one), languages.get(other)
    except UnknownName:
        return math.nan
    if first.id == second.id:
        return 0.0
    parts = [
        float(getattr(first, name) != getattr(second, name))
        for name in ("word_order", "morphology")
        if getattr(first, name) is not None and getattr(second, name) is not None
    ]
    if first.fusion is not None and second.fusion is not None:
        parts.append(abs(first.fusion - second.fusion))
    return sum(parts) / len(parts) if parts else math.nan


def score(given: Evidence) -> float:
    """Minus the distance of the nearest language."""
    found = [distance(one, given.target_language) for one in given.source_languages]
    return -min((one for one in found if not math.isnan(one)), default=math.nan)


PREDICTOR = Predictor(
    title="Nearness of the arm's languages to the tested one by word order, morphology and fusion",
    needs=("languages",),
    score=score,
    by_language=True,
)
