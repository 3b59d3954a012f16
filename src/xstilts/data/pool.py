"""The one pool of a task that is searched in all languages at once: every candidate is kept once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from xstilts.reading.examples import AnswerSentence, Example


def once(examples: Sequence[Example]) -> list[Example]:
    """The examples without candidates that an earlier one holds, but each with its right one.

    The pool, and with it every result, stays the same: Mewsli-X' million entities are there for every language, and
    would be kept eleven times.
    """
    seen: set[str] = set()
    return [_once(example, seen) if isinstance(example, AnswerSentence) else example for example in examples]


def _once(example: AnswerSentence, seen: set[str]) -> AnswerSentence:
    kept = [i for i, name in enumerate(example.candidate_ids) if name not in seen or i == example.correct]
    seen.update(example.candidate_ids)
    if len(kept) == len(example.candidates):
        return example
    return dataclasses.replace(
        example,
        candidates=tuple(example.candidates[i] for i in kept),
        candidate_ids=tuple(example.candidate_ids[i] for i in kept),
        correct=kept.index(example.correct),
    )
