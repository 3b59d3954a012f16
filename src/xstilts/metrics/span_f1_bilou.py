"""Span F1 of tags in BILOU: L closes a span, U is one alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from xstilts.metrics.closed_span_f1 import ClosedSpanF1, titles
from xstilts.metrics.schemes import BILOU, Scheme


class BilouSpanF1(ClosedSpanF1):
    """Micro F1 over closed BILOU spans; see `ClosedSpanF1`. Unit: fraction in [0, 1]."""

    name: ClassVar[str] = "span_f1_bilou"
    scheme: ClassVar[Scheme] = BILOU
    labels_for_people: ClassVar[Mapping[str, str]] = titles(BILOU)


METRIC = BilouSpanF1()
