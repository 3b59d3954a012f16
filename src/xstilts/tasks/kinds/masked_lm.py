"""Masked language modelling on plain text, and translation language modelling on aligned pairs."""

from __future__ import annotations

from xstilts.reading.examples import Text
from xstilts.tasks.kind import Kind

KIND = Kind(
    title="Masked language modelling",
    example=Text,
    gold=lambda example: None,  # text has no label
    pretraining=True,
)
