"""Span F1 of tags in BMES and BMEOW: M is inside, E closes a span, S or W is one alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from xstilts.metrics.closed_span_f1 import ClosedSpanF1, titles
from xstilts.metrics.schemes import BMES, Scheme


class BmesSpanF1(ClosedSpanF1):
    """Micro F1 over closed BMES spans; see `ClosedSpanF1`. Unit: fraction in [0, 1]."""

    name: ClassVar[str] = "span_f1_bmes"
    scheme: ClassVar[Scheme] = BMES
    labels_for_people: ClassVar[Mapping[str, str]] = titles(BMES)


METRIC = BmesSpanF1()
