"""Span F1 of the schemes in which a span is one only if it is closed: what BIOES, BILOU and BMES share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.metrics.schemes import Scheme, closed_spans
from xstilts.metrics.span_f1 import SpanF1, counted
from xstilts.metrics.spans import check_tags


class ClosedSpanF1(SpanF1):
    """Micro F1 over the closed spans of a scheme: 2·tp ÷ (2·tp + fp + fn). Unit: fraction in [0, 1].

    A span counts when type, first and last token are equal. What the scheme does not allow is no span, neither in gold
    nor in a prediction: in BILOU ``B-PER`` alone, ``B-PER L-LOC`` or a lone ``L-PER``. So it is in seqeval's strict
    mode with the scheme of the same name. ``gold`` and ``predicted`` are tags of the same tokens.
    """

    version: ClassVar[int] = 1
    scheme: ClassVar[Scheme]

    def counts(self, gold: Sequence[str], predicted: Sequence[str], *, language: str) -> NDArray[np.float64]:
        """``[tp, fp, fn]`` of one sentence.

        Raises:
            UserError: lengths differ, or a tag is not a non-empty str.
        """
        check_tags(self.name, gold, predicted)
        return counted(closed_spans(gold, self.scheme), closed_spans(predicted, self.scheme))


def titles(scheme: Scheme) -> Mapping[str, str]:
    """The titles of the scores, which name the scheme."""
    return {score: f"{title}, scheme {scheme.name}" for score, title in SpanF1.labels_for_people.items()}
