"""Chooses which pieces of a Unigram vocabulary are kept: those whose loss would cost a text the most.

As the pruning of a Unigram model does (Kudo 2018, section 3.2), pieces go in rounds, the cheapest first. What a piece
costs is how often it is used, times what it saves over the best way of spelling it with the other pieces; when it
goes, its uses become uses of those. Scores stay as they are, so that a text of kept pieces alone is segmented as before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SHRINK = 0.8
"""Of the pieces, those that a round leaves at the least."""
UNKNOWN_BELOW = 10.0
"""How far the score of a character without a piece is below the lowest, as in the tokenizers library."""

Frequencies = npt.NDArray[np.float64]


class Spelling(NamedTuple):
    """A piece in smaller ones: their numbers, and the sum of their scores."""

    parts: tuple[int, ...]
    score: float


class Pieces:
    """The pieces that are left of a vocabulary, and how one of them is spelled with the others.

    Args:
        pieces: all of them, by number.
        scores: log-probabilities.
        kept: the numbers of those that there are.
        unknown: the number of the unknown piece.
    """

    def __init__(self, pieces: Sequence[str], scores: Sequence[float], kept: Collection[int], *, unknown: int) -> None:
        self._pieces, self._scores, self._unknown = pieces, scores, unknown
        self.numbers = {pieces[number]: number for number in sorted(kept)}
        self._longest = max(map(len, self.numbers), default=1)
        self._missing = min(scores) - UNKNOWN_BELOW
        self._spelled: dict[int, Spelling] = {}

    def remove(self, numbers: Collection[int]) -> None:
        """Takes pieces out; spellings that use them are looked for anew when they are needed."""
        gone = set(numbers)
        for number in gone:
            del self.numbers[self._pieces[number]]
        stale = [number for number, found in self._spelled.items() if not gone.isdisjoint(found.parts)]
        for number in stale:
            del self._spelled[number]

    def spelled(self, number: int) -> Spelling:
        """The best way of spelling a piece with the others (Viterbi)."""
        if number not in self._spelled:
            self._spelled[number] = self._best(self._pieces[number])
        return self._spelled[number]

    def _best(self, text: str) -> Spelling:
        length = len(text)
        best = [0.0] + [-np.inf] * length
        came: list[tuple[int, int]] = [(0, 0)] * (length + 1)
        for end in range(1, length + 1):
            for begin in range(max(0, end - self._longest), end):
                number = self.numbers.get(text[begin:end])
                if number is None and end - begin > 1 or end - begin == length:
                    continue
                score = best[begin] + (self._missing if number is None else self._scores[number])
                if score > best[end]:
                    best[end], came[end] = score, (begin, self._unknown if number is None else number)
        parts: list[int] = []
        end = length
        while end and best[end] > -np.inf:
            end, number = came[end]
            parts.append(number)
        if not parts:  # a single character, which nothing else spells
            return Spelling((self._unknown,), self._missing)
        return Spelling(tuple(reversed(parts)), best[length])


def restrict(
    pieces: Sequence[str],
    scores: Sequence[float],
    used: Frequencies,
    *,
    size: int,
    needed: Collection[int],
    unknown: int,
    saves: str = "likelihood",
) -> list[int]:
    """The numbers of the pieces to keep, in ascending order; fewer than ``size`` where the text uses fewer.

    Args:
        pieces: all of them, by number.
        scores: log-probabilities.
        used: how often the text uses each of them.
        size: how many to keep.
        needed: numbers that are kept in any case.
        unknown: the number of the unknown piece.
        saves: what a piece saves where it is used: ``likelihood`` (nats), ``tokens``, or ``counts`` (1 of each).
    """
    frequency = used.astype(np.float64).copy()
    always = set(needed)
    left = Pieces(pieces, scores, always | set(np.flatnonzero(frequency).tolist()), unknown=unknown)
    while len(left.numbers) > max(size, len(always)):
        least = max(size, len(always), int(SHRINK * len(left.numbers)))
        free = np.array([number for number in left.numbers.values() if number not in always])
        saved = np.array([_saved(left.spelled(number), scores[number], saves) for number in free.tolist()])
        # Ties are broken by number, so that the choice is the same everywhere.
        gone = free[np.lexsort((-free, frequency[free] * saved))][: len(left.numbers) - least].tolist()
        left.remove(gone)
        for number in sorted(gone):
            for part in left.spelled(number).parts:
                frequency[part] += frequency[number]
            frequency[number] = 0.0
    return sorted(left.numbers.values())


def _saved(spelling: Spelling, score: float, saves: str) -> float:
    if saves == "counts":
        return 1.0
    return float(len(spelling.parts) - 1) if saves == "tokens" else score - spelling.score
