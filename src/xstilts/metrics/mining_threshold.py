"""What is submitted of mined pairs: those whose margin passes a threshold that was tuned on labelled rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xstilts.errors import UserError
from xstilts.metrics.mining_f1 import best_threshold

Candidate = dict[str, Any]
"""``translation``: the id of an English sentence; ``margin``: of the pair."""


def submitted(
    candidates: Sequence[Candidate | None],
    golds: Sequence[Sequence[str] | None],
    dev: tuple[Sequence[Candidate | None], Sequence[Sequence[str] | None]],
) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """What is submitted at the threshold of dev, and at the one that is best on ``golds`` themselves (oracle).

    If the gold is hidden, there is no oracle, and its set is empty.

    Args:
        candidates: of every sentence its candidate; None: it has none.
        golds: of every sentence the ids of its translations; None: hidden.
        dev: the candidates and golds on which the threshold is tuned.

    Returns:
        For every sentence the ids under ``submitted`` and ``oracle``, with its candidate; and the thresholds.

    Raises:
        UserError: the gold of dev is hidden.
    """
    if any(gold is None for gold in dev[1]):
        raise UserError("bitext_mining: the gold of dev is hidden, so no threshold can be tuned on it")
    thresholds = {"submitted": _threshold(*dev)}
    if None not in golds:
        thresholds["oracle"] = _threshold(candidates, golds)
    return [_submission(candidate, thresholds) for candidate in candidates], thresholds


def _threshold(candidates: Sequence[Candidate | None], golds: Sequence[Sequence[str] | None]) -> float:
    """The best threshold of candidates whose gold is known."""
    known = [gold or () for gold in golds]
    pairs = [(one, gold) for one, gold in zip(candidates, known, strict=True) if one is not None]
    return best_threshold(
        np.array([one["margin"] for one, _ in pairs], dtype=np.float64),
        np.array([one["translation"] in gold for one, gold in pairs], dtype=np.bool_),
        golds=sum(map(len, known)),
    )


def _submission(candidate: Candidate | None, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """The candidate, and under each threshold's name the ids that pass it."""
    if candidate is None:
        return {"submitted": [], "oracle": []}
    passed = {name: candidate["margin"] >= thresholds.get(name, np.inf) for name in ("submitted", "oracle")}
    return {name: [candidate["translation"]] if passes else [] for name, passes in passed.items()} | candidate
