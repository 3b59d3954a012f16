"""Mining F1: which sentences of two texts are translations of each other, as a set of pairs."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import UserError
from xstilts.metrics.metric import columns, ratio

SETS = ("submitted", "oracle")


class MiningF1:
    """F1 over the set of submitted pairs: 2·tp ÷ (2·tp + fp + fn). Unit: fraction in [0, 1].

    Official for BUCC (Zweigenbaum et al. 2017; ``bucc_f1`` of XTREME's ``evaluate.py``, which applies no threshold).
    An example is a sentence of the task's language: every pair, mined or gold, has one, so the sums over sentences are
    those of the set. ``gold`` holds the ids of its translations (none: it has none); ``predicted`` maps ``submitted``
    and ``oracle`` to the ids that are paired with it.

    What is *submitted* passes a threshold tuned on the dev split of the same language. The *oracle* passes the
    threshold that is best on the very gold that is scored, as XTREME's mining script reports it where it has the gold:
    an upper bound for the same candidates, never a result. NaN where XTREME has 0: nothing submitted and no gold.
    """

    name: ClassVar[str] = "mining_f1"
    version: ClassVar[int] = 2  # precision is 0 if nothing was submitted although there are pairs
    unit: ClassVar[str] = "fraction"
    count_names: ClassVar[tuple[str, ...]] = ("tp", "fp", "fn", "oracle_tp", "oracle_fp", "oracle_fn")
    score_names: ClassVar[tuple[str, ...]] = ("f1", "precision", "recall", "oracle_f1")
    labels_for_people: ClassVar[Mapping[str, str]] = {
        "f1": "mining F1, threshold from dev",
        "precision": "mining precision, threshold from dev",
        "recall": "mining recall, threshold from dev",
        "oracle_f1": "mining F1, oracle: threshold from the test gold",
    }
    paper: ClassVar[str] = "https://aclanthology.org/W17-2512/"

    def counts(
        self, gold: Collection[Hashable], predicted: Mapping[str, Collection[Hashable]], *, language: str
    ) -> NDArray[np.float64]:
        """``[tp, fp, fn, oracle_tp, oracle_fp, oracle_fn]`` of one sentence.

        Raises:
            UserError: gold is hidden (None), a set is missing, or either is not a collection of ids.
        """
        right = _ids(gold, "gold")
        if not isinstance(predicted, Mapping) or any(name not in predicted for name in SETS):
            raise UserError(f"{self.name}: predicted is {predicted!r}; expected ids under {' and '.join(SETS)}")
        found = [_ids(predicted[name], name) for name in SETS]
        counts = [(len(ids & right), len(ids - right), len(right - ids)) for ids in found]
        return np.array(counts, dtype=np.float64).ravel()

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """``f1``, ``precision``, ``recall``, ``oracle_f1``, each ``[...]``, from totals ``[..., 6]``."""
        tp, fp, fn, best_tp, best_fp, best_fn = columns(totals, self.count_names)
        return {
            "f1": ratio(2 * tp, 2 * tp + fp + fn),
            "precision": ratio(tp, tp + fp, missed=fn),
            "recall": ratio(tp, tp + fn),
            "oracle_f1": ratio(2 * best_tp, 2 * best_tp + best_fp + best_fn),
        }


def best_threshold(margins: NDArray[np.float64], right: NDArray[np.bool_], *, golds: int) -> float:
    """The threshold at which the candidates at and above it have the highest F1; of equally good ones the highest.

    XTREME's ``bucc_optimize``: half-way between two neighbouring margins. Candidates of equal margin are kept or
    dropped together, which upstream overlooks; if all are to be taken it is the lowest margin, where upstream fails.
    0 if no candidate is right, as upstream: mined margins are above 0, so all are taken.

    Args:
        margins: of the candidates [P], finite.
        right: whether each is in the gold [P].
        golds: pairs in the gold, found or not.
    """
    order = np.argsort(-margins, kind="stable")
    sorted_P = margins[order]
    correct_P = np.cumsum(right[order])
    f1_P = 2 * correct_P / (np.arange(1, len(order) + 1) + golds)
    f1_P[:-1][sorted_P[1:] == sorted_P[:-1]] = 0
    if not f1_P.any():
        return 0.0
    last = int(f1_P.argmax())
    lowest = float(sorted_P[last])
    if last + 1 == len(order):
        return lowest
    below = float(sorted_P[last + 1])
    half = (lowest + below) / 2
    return half if half > below else lowest


def _ids(value: Collection[Hashable], what: str) -> set[Hashable]:
    if isinstance(value, str | bytes) or not isinstance(value, Collection):
        raise UserError(f"{MiningF1.name}: {what} is {value!r}; expected a collection of ids")
    return set(value)


METRIC = MiningF1()
