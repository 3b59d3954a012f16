"""The sentences that answer a question, found in a pool of all languages (LAReQA, arXiv 2004.05484)."""

from __future__ import annotations

from collections.abc import Sequence

from xstilts.reading.examples import AnswerSentence
from xstilts.tasks.kind import Kind


def gold(example: AnswerSentence) -> tuple[str, ...]:
    """The right candidate of the question's own paragraph."""
    return (example.candidate_ids[example.correct],)


def golds(examples: Sequence[AnswerSentence]) -> list[tuple[str, ...]]:
    """The right candidates in every language that is present.

    A parallel test set gives a question the same ``example_id`` in each language, so the right candidates of equal
    questions are all right, in the order of the examples.
    """
    right: dict[str, dict[str, None]] = {}
    for example in examples:
        right.setdefault(example.example_id, {}).update(dict.fromkeys(gold(example)))
    return [tuple(right[example.example_id]) for example in examples]


KIND = Kind(
    title="The sentences that answer a question, in a pool of all languages",
    example=AnswerSentence,
    gold=gold,
    golds_of_pool=golds,
    metric="mean_average_precision",
    pooled=True,
    retrieval=True,
    characters=900,
)
