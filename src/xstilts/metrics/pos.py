"""Part-of-speech tagging: XTREME's official span F1 over the raw tags, and token accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.metrics.metric import columns, ratio
from xstilts.metrics.span_f1 import span_counts
from xstilts.metrics.spans import check_tags


class Pos:
    """Span F1 (official) and token accuracy of UD part-of-speech tags. Unit: fraction in [0, 1].

    XTREME calls its POS figure accuracy in the paper, but its scorer applies seqeval's span F1 to the bare UPOS tags
    (google-research/xtreme, ``evaluate.py``, and its issue 56). seqeval takes the first letter for the BIO prefix and
    the rest for the type, so ``NOUN NOUN`` is *one* span of type OUN, and both words must be right and nothing more.
    Report both figures; they are not comparable.

    The official figure depends on the version of seqeval. This one is 1.2.2's. Until its pull request 38 (July 2020)
    the type was the whole tag; some versions since then refuse or warn about tags without a prefix. What the reading
    of 1.2.2 makes of UPOS:

    - CCONJ and SCONJ are both of type CONJ (before that change they were distinct): predicting SCONJ for CCONJ can
      count as correct, and a CCONJ right before an SCONJ is lost.
    - the S of SCONJ and SYM reads as a single-token span, so a run of them is not merged; the I of INTJ as inside.
    - X has an empty type: a run of X counts only where another tag follows it in the sentence.

    seqeval reads a corpus as one sequence, and a sentence that begins with X inherits the start of the last span of
    the sentence before. Here sentences are scored apart, so that counts add up: tp + fp and tp + fn are always
    seqeval's, and tp can exceed seqeval's by at most the number of sentences that begin with X in gold and prediction.
    """

    name: ClassVar[str] = "pos"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "fraction"
    count_names: ClassVar[tuple[str, ...]] = ("tp", "fp", "fn", "correct", "tokens")
    score_names: ClassVar[tuple[str, ...]] = ("span_f1", "token_accuracy")
    labels_for_people: ClassVar[Mapping[str, str]] = {"span_f1": "span F1", "token_accuracy": "token accuracy"}
    paper: ClassVar[str] = "https://arxiv.org/abs/2003.11080"

    def counts(self, gold: Sequence[str], predicted: Sequence[str], *, language: str) -> NDArray[np.float64]:
        """``[tp, fp, fn, correct, tokens]`` of one sentence.

        Raises:
            UserError: lengths differ, or a tag is not a non-empty str.
        """
        check_tags(self.name, gold, predicted)
        correct = sum(tag == guess for tag, guess in zip(gold, predicted, strict=True))
        return np.append(span_counts(gold, predicted), (correct, len(gold)))

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """``span_f1`` and ``token_accuracy``, each ``[...]``, from totals ``[..., 5]``."""
        tp, fp, fn, correct, tokens = columns(totals, self.count_names)
        return {"span_f1": ratio(2 * tp, 2 * tp + fp + fn), "token_accuracy": ratio(correct, tokens)}


METRIC = Pos()
