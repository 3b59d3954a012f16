"""The texts of test sets as an index of hashed character n-grams, through which training texts are streamed.

Shapes: T texts, G n-grams and short texts, K distinct hashes of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xstilts.data.overlap.characters import Block, block
from xstilts.data.overlap.hashes import Hashed, Hashes
from xstilts.data.overlap.lengths import SCRIPTS, Lengths

TOGETHER = 250_000
"""Characters of training text that are hashed together: what they take fits into a core's cache."""
MOST = 50_000_000
"""Characters of test texts in one index: it takes about 20 bytes each."""
HALF, MOSTLY = 0.5, 0.8
"""The share of a text's characters from which on it counts as found, and that of one shorter than two n-grams, half of
which a single one would be: *What is the population of …* is no question that was seen."""
_WIDTHS = range(16, 27)
"""Bits of the filter that most n-grams of a training text do not pass."""


@dataclass(frozen=True, kw_only=True)
class _Long:
    """The texts of one n that are at least that long.

    Attributes:
        texts: their numbers.
        lengths: of each.
        keys: [sum of lengths] where the n-gram that begins at a character is among the hashes; of the last n - 1 of a
            text, where none begins, -1.
    """

    gram: int
    texts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    keys: NDArray[np.int32]


class Index:
    """Texts in which shared runs of characters are looked for.

    Args:
        texts: T distinct ones, at least one.
        lengths: how long a run has to be; by default that of each script.
    """

    def __init__(self, texts: Sequence[str], *, lengths: Sequence[Lengths] = tuple(SCRIPTS.values())) -> None:
        own = block(texts, scripts=True)
        grams = np.array([one.gram for one in lengths])[own.scripts]
        shortest = np.array([one.shortest for one in lengths])[own.scripts]
        self.lengths = own.lengths
        """[T] characters of each text."""
        self.long_enough = own.lengths >= shortest
        """[T] whether a text is long enough to be looked for."""
        self.needed = np.where(own.lengths < 2 * grams, MOSTLY, HALF)
        """[T] the share of a text's characters from which on it counts as found."""
        short = self.long_enough & (own.lengths < grams)
        self._short = np.flatnonzero(short)
        self._spans = (int(shortest.min()), int(grams.max()))
        hashes = Hashes(own.characters)
        hashed = [hashes.runs(own.starts[self._short], own.lengths[self._short])]
        places: list[NDArray[np.int64]] = []
        chosen: list[tuple[int, NDArray[np.int64]]] = []
        for gram in np.unique(grams[self.long_enough & ~short]).tolist():
            some = np.flatnonzero(self.long_enough & ~short & (grams == gram))
            counts = own.lengths[some] - gram + 1
            places.append(_ranges(own.starts[some], counts))
            hashed.append(hashes.windows(gram)[places[-1]])
            chosen.append((gram, some))
        self._hashes, inverse = np.unique(np.concatenate(hashed), return_inverse=True)
        keys = np.split(inverse.astype(np.int32), np.cumsum([len(one) for one in hashed])[:-1])
        self._of_short = keys[0]
        self._long = [_long(own, gram, some, key) for (gram, some), key in zip(chosen, keys[1:], strict=True)]
        self._seen = np.zeros(len(self._hashes), dtype=bool)
        width = min(max(int(len(self._hashes) * 16).bit_length(), _WIDTHS.start), _WIDTHS.stop - 1)
        self._shift = np.uint64(64 - width)
        self._filter = np.zeros(1 << width, dtype=bool)
        self._filter[self._hashes >> self._shift] = True

    def add(self, texts: Iterable[str]) -> int:
        """Looks training texts through, in portions; how many characters they have."""
        waiting: list[str] = []
        held = total = 0
        for text in texts:
            waiting.append(text)
            held += len(text) + 1
            if held >= TOGETHER:
                total += self._look_through(waiting)
                waiting, held = [], 0
        return total + (self._look_through(waiting) if waiting else 0)

    def shares(self) -> NDArray[np.float64]:
        """[T] the share of each text's characters that shared n-grams cover; of a short text 1 or 0."""
        found = np.zeros(len(self.lengths))
        found[self._short] = self._seen[self._of_short]
        for one in self._long:
            starts = np.concatenate(([0], np.cumsum(one.lengths)[:-1]))
            shared = self._seen[one.keys] & (one.keys >= 0)
            edges = shared.astype(np.int32)
            edges[one.gram :] -= shared[: -one.gram]
            found[one.texts] = np.add.reduceat(edges.cumsum() > 0, starts) / one.lengths
        return found

    def _look_through(self, texts: Sequence[str]) -> int:
        found = block(texts)
        hashes = Hashes(found.characters)
        for one in self._long:
            self._mark(hashes.windows(one.gram))
        if len(self._short):
            starts = np.concatenate((found.starts, found.sentence_starts))
            lengths = np.concatenate((found.lengths, found.sentence_lengths))
            fit = (lengths >= self._spans[0]) & (lengths < self._spans[1])
            self._mark(hashes.runs(starts[fit], lengths[fit]))
        return int(found.lengths.sum())

    def _mark(self, hashes: Hashed) -> None:
        """Notes which hashes of the index are among some."""
        passed = hashes[self._filter[hashes >> self._shift]]
        if not len(passed):
            return
        places = np.searchsorted(self._hashes, passed)
        places[places == len(self._hashes)] = 0
        self._seen[places[self._hashes[places] == passed]] = True


def _long(own: Block, gram: int, some: NDArray[np.int64], keys: NDArray[np.int32]) -> _Long:
    """Texts with a slot for every character."""
    lengths = own.lengths[some]
    slots = np.full(int(lengths.sum()), -1, dtype=np.int32)
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    slots[_ranges(starts, lengths - gram + 1)] = keys
    return _Long(gram=gram, texts=some, lengths=lengths, keys=slots)


def _ranges(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """``counts[i]`` numbers from ``starts[i]`` on, one range behind the other."""
    total = int(counts.sum())
    behind = np.repeat(starts - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
    return np.arange(total) + behind
