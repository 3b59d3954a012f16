"""Spans in strided contexts: windows, the tokens of an answer, and the best span of many rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xstilts.reading.examples import Answer

OUTSIDE = -1
"""The offset of a token that is not part of the context."""


@dataclass(frozen=True)
class Best:
    """The best span of each row: its score (-inf where there is none) and characters ``start:end``."""

    score: NDArray[np.float32]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def windows(tokens: int, *, size: int, overlap: int) -> list[tuple[int, int]]:
    """Ranges of ``size`` tokens that cover all, each sharing ``overlap`` with the one before; at least one."""
    starts = range(0, max(1, tokens - overlap), size - overlap)
    return [(start, min(start + size, tokens)) for start in starts]


def answer_tokens(answer: Answer, offsets: NDArray[np.int64]) -> tuple[int, int] | None:
    """The first and the last token that share a character with the answer; None if no token does."""
    inside = (
        (offsets[:, 0] < answer.start + len(answer.text)) & (offsets[:, 1] > answer.start) & (offsets[:, 0] != OUTSIDE)
    )
    found = np.flatnonzero(inside)
    return (int(found[0]), int(found[-1])) if len(found) else None


def best_spans(
    starts: Sequence[NDArray[np.float32]],
    ends: Sequence[NDArray[np.float32]],
    offsets: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    *,
    longest: int,
) -> Best:
    """The span of at most ``longest`` tokens with the highest start + end logit, of each row; exact, no beam.

    Args:
        starts: start logits [T] of each row.
        ends: end logits [T] of each row.
        offsets: first character and end of each token, ``OUTSIDE`` where no answer may start or end.
        longest: tokens of the longest span.
    """
    rows, width = len(starts), max(map(len, starts))
    start_BT = np.full((rows, width), -np.inf, dtype=np.float32)
    end_BT = start_BT.copy()
    for row, (start, end, (begin, _)) in enumerate(zip(starts, ends, offsets, strict=True)):
        inside = np.flatnonzero(begin != OUTSIDE)
        start_BT[row, inside] = start[inside]
        end_BT[row, inside] = end[inside]
    every = np.arange(rows)
    score, first, last = np.full(rows, -np.inf, dtype=np.float32), np.zeros(rows, int), np.zeros(rows, int)
    # One diagonal of the upper-triangular band per span length: 30 additions instead of T x T pairs.
    for length in range(min(longest, width)):
        sums_BT = start_BT[:, : width - length] + end_BT[:, length:]
        place = sums_BT.argmax(axis=1)
        value = sums_BT[every, place]
        better = value > score
        score = np.where(better, value, score)
        first, last = np.where(better, place, first), np.where(better, place + length, last)
    # (OUTSIDE, OUTSIDE) cuts an empty answer where there is no span; it is never read there.
    begins = np.array([offset[0][token] for offset, token in zip(offsets, first, strict=True)], dtype=np.int64)
    stops = np.array([offset[1][token] for offset, token in zip(offsets, last, strict=True)], dtype=np.int64)
    return Best(score=score, start=begins, end=stops)
