"""Span F1: micro-averaged F1 over typed spans (named entities)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xstilts.metrics.metric import columns, ratio
from xstilts.metrics.spans import Span, check_tags, conlleval_spans


class SpanF1:
    """Micro F1 over typed IOB spans: 2·tp ÷ (2·tp + fp + fn). Unit: fraction in [0, 1].

    A span counts when type, first and last token are equal. CoNLL-2003's definition (Tjong Kim Sang and De Meulder
    2003) with seqeval's default (lenient, conlleval) reading of ill-formed tags, which XTREME uses for
    PAN-X: ``I-`` after ``O`` starts a span, a change of type inside ``I-`` starts another (``spans.conlleval_spans``).
    Both IOB1 and IOB2 mean that; schemes that close their spans have metrics of their own (``span_f1_bilou`` …).
    ``gold`` and ``predicted`` are tags of the same tokens.

    Quirks: NaN where seqeval warns and prints 0 for lack of gold (no span at all; the recall of none). seqeval reads
    a corpus as one sequence, and a sentence that begins with an untyped tag other than B, I, E, S, O then inherits the
    start of the span before it; sentences are scored apart here, so sums over sentences are exact.
    """

    name: ClassVar[str] = "span_f1"
    version: ClassVar[int] = 2  # precision is 0 where no span was predicted of those that are there
    unit: ClassVar[str] = "fraction"
    count_names: ClassVar[tuple[str, ...]] = ("tp", "fp", "fn")
    score_names: ClassVar[tuple[str, ...]] = ("f1", "precision", "recall")
    labels_for_people: ClassVar[Mapping[str, str]] = {
        "f1": "span F1",
        "precision": "span precision",
        "recall": "span recall",
    }
    paper: ClassVar[str] = "https://aclanthology.org/W03-0419/"

    def counts(self, gold: Sequence[str], predicted: Sequence[str], *, language: str) -> NDArray[np.float64]:
        """``[tp, fp, fn]`` of one sentence.

        Raises:
            UserError: lengths differ, or a tag is not a non-empty str.
        """
        check_tags(self.name, gold, predicted)
        return span_counts(gold, predicted)

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """``f1``, ``precision``, ``recall``, each ``[...]``, from totals ``[..., 3]``."""
        tp, fp, fn = columns(totals, self.count_names)
        return {
            "f1": ratio(2 * tp, 2 * tp + fp + fn),
            "precision": ratio(tp, tp + fp, missed=fn),
            "recall": ratio(tp, tp + fn),
        }


def corpus_counts(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """What ``span_counts`` gives, of a corpus that is read as one sequence: seqeval's own figure, float64 ``[3]``.

    seqeval joins sentences by an O. Only where one begins with an untyped tag (X, ``_``) do these counts differ from
    the sum over sentences; they cannot be summed, so intervals are made of the latter.
    """
    return span_counts(*([tag for sentence in side for tag in (*sentence, "O")] for side in (gold, predicted)))


def span_counts(gold: Sequence[str], predicted: Sequence[str]) -> NDArray[np.float64]:
    """True positives, false positives and false negatives among the spans of one sentence; float64 ``[3]``."""
    return counted(conlleval_spans(gold), conlleval_spans(predicted))


def counted(golden: set[Span], guessed: set[Span]) -> NDArray[np.float64]:
    """True positives, false positives and false negatives; float64 ``[3]``."""
    both = len(golden & guessed)
    return np.array([both, len(guessed) - both, len(golden) - both], dtype=np.float64)


METRIC = SpanF1()
