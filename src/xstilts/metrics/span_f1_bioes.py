"""Span F1 of tags in BIOES (IOBES): E closes a span, S is one alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from xstilts.metrics.closed_span_f1 import ClosedSpanF1, titles
from xstilts.metrics.schemes import BIOES, Scheme


class BioesSpanF1(ClosedSpanF1):
    """Micro F1 over closed BIOES spans; see `ClosedSpanF1`. Unit: fraction in [0, 1]."""

    name: ClassVar[str] = "span_f1_bioes"
    scheme: ClassVar[Scheme] = BIOES
    labels_for_people: ClassVar[Mapping[str, str]] = titles(BIOES)


METRIC = BioesSpanF1()
