"""Which sentences of two texts are translations of each other (BUCC)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xstilts.reading.examples import ComparableSentence
from xstilts.tasks.kind import Kind, Tuning

ENGLISH = "eng-Latn"


def _scored(examples: Sequence[ComparableSentence]) -> list[int]:
    """The sentences of the task's language; the English ones are there to be found."""
    return [number for number, example in enumerate(examples) if example.language != ENGLISH]


def _tuned(
    predictions: Sequence[Any], golds: Sequence[Any], dev: tuple[Sequence[Any], Sequence[Any]]
) -> tuple[list[Any], dict[str, float]]:
    from xstilts.metrics import mining_threshold  # arrays, which listing goes without

    found, thresholds = mining_threshold.submitted(predictions, golds, dev)
    return list(found), thresholds


KIND = Kind(
    title="Which sentences of two texts are translations of each other",
    example=ComparableSentence,
    gold=lambda example: example.translations,
    scored_of=_scored,
    metric="mining_f1",
    retrieval=True,
    tuning=Tuning(split="dev", tuned=_tuned),
    characters=120,
)
