"""Chooses which pieces of a Unigram vocabulary are kept: those that a text uses most, one standing in for another.

As in the pruning of a Unigram model (Kudo 2018, section 3.2), pieces go in rounds: first those that are used least.
When a piece goes, its uses become uses of the pieces by which it is then spelled. Scores stay as they are, so that a
text of kept pieces alone is segmented as before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

SHRINK = 0.8
"""Of the pieces, those that a round leaves at the least."""
UNKNOWN_BELOW = 10.0
"""How far the score of a character without a piece is below the lowest, as in the tokenizers library."""

Frequencies = npt.NDArray[np.float64]


class Pieces:
    """The pieces that are left of a vocabulary.

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
        self._missing = min(scores, default=0.0) - UNKNOWN_BELOW

    def remove(self, numbers: Collection[int]) -> None:
        """Takes pieces out."""
        for number in numbers:
            del self.numbers[self._pieces[number]]

    def spelled(self, text: str) -> list[int]:
        """The pieces that a text is cut into (Viterbi)."""
        length = len(text)
        best = [0.0] + [-np.inf] * length
        came = [(0, 0)] * (length + 1)
        for end in range(1, length + 1):
            for begin in range(max(0, end - self._longest), end):
                number = self.numbers.get(text[begin:end])
                if number is None and end - begin > 1:
                    continue
                score = best[begin] + (self._missing if number is None else self._scores[number])
                if score > best[end]:
                    best[end], came[end] = score, (begin, self._unknown if number is None else number)
        parts: list[int] = []
        end = length
        while end:
            end, number = came[end]
            parts.append(number)
        return parts[::-1]


def restrict(
    pieces: Sequence[str],
    scores: Sequence[float],
    used: Frequencies,
    *,
    size: int,
    needed: Collection[int],
    unknown: int,
) -> list[int]:
    """The numbers of the pieces to keep, in ascending order; fewer than ``size`` where the text uses fewer.

    Args:
        pieces: all of them, by number.
        scores: log-probabilities.
        used: how often the text uses each of them.
        size: how many to keep.
        needed: numbers that are kept in any case.
        unknown: the number of the unknown piece.
    """
    frequency = used.astype(np.float64).copy()
    always = set(needed)
    left = Pieces(pieces, scores, always | set(np.flatnonzero(frequency).tolist()), unknown=unknown)
    while len(left.numbers) > max(size, len(always)):
        least = max(size, len(always), int(SHRINK * len(left.numbers)))
        free = np.array([number for number in left.numbers.values() if number not in always])
        # Ties are broken by number, so that the choice is the same everywhere.
        gone = free[np.lexsort((-free, frequency[free]))][: len(left.numbers) - least].tolist()
        left.remove(gone)
        for number in sorted(gone):
            for part in left.spelled(pieces[number]):
                frequency[part] += frequency[number]
            frequency[number] = 0.0
    return sorted(left.numbers.values())
