"""A sentence's translation among all others, in both directions (Tatoeba)."""

from __future__ import annotations

from xstilts.reading.examples import Bitext
from xstilts.tasks.kind import Kind

KIND = Kind(
    title="A sentence's translation among all others",
    example=Bitext,
    gold=lambda example: example.example_id,  # its own id, in both directions
    metric="retrieval_accuracy",
    retrieval=True,
    characters=80,
)
