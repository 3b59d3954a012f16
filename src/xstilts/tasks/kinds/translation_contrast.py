"""A sentence and its translation are close: contrastive learning on aligned pairs."""

from __future__ import annotations

from xstilts.reading.examples import Text
from xstilts.tasks.kind import Kind

KIND = Kind(
    title="Translation contrast",
    example=Text,
    gold=lambda example: None,  # a pair has no label
    pretraining=True,
)
