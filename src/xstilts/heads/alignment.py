"""Two segmentations of one text, aligned: the shortest spans on whose both ends both of them have a boundary.

What is compared between models with other pieces is the mean over each span. Where both segment alike, every token is
a span of its own. Shape legend: T tokens of a segmentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Offsets = Sequence[tuple[int, int]]
"""The characters that each token covers, as tokenizers give them."""
Spans = NDArray[np.int64]
"""The span of each token [T], ascending from 0, none left out."""


@dataclass(frozen=True, kw_only=True)
class Aligned:
    """Spans of both sides; there are equally many."""

    left: Spans
    right: Spans

    def __len__(self) -> int:
        return int(self.left[-1]) + 1 if len(self.left) else 0

    def within(self, left: int, right: int) -> Aligned:
        """The first spans that hold no more than so many tokens of each side."""
        count = min(_whole(self.left, left), _whole(self.right, right))
        return Aligned(left=self.left[self.left < count], right=self.right[self.right < count])

    def between(self, prefixes: tuple[int, int], suffixes: tuple[int, int]) -> Aligned:
        """The same with special tokens around it: as many on both sides are spans each, else all of them one.

        Where one side has none, those of the other belong to the first or last span of the text.
        """
        before, first = _special(*prefixes)
        after, _ = _special(*suffixes)
        end = first + len(self)
        ends = [side + end if min(suffixes) else side + end - 1 for side in after]
        left, right = (
            np.concatenate([start, side + first, stop])
            for start, side, stop in zip(before, (self.left, self.right), ends, strict=True)
        )
        return Aligned(left=left, right=right)


def align(left: Offsets, right: Offsets, text: str) -> Aligned:
    """The spans of two segmentations, neither of them without tokens.

    White space belongs to what follows it: tokenizers differ in whose it is.
    """
    black = np.fromiter((not character.isspace() for character in text), dtype=bool, count=len(text))
    of_left, of_right = (_starts_and_ends(offsets, black) for offsets in (left, right))
    common = np.intersect1d(_boundaries(*of_left), _boundaries(*of_right))
    spans = [np.searchsorted(common, starts, side="right") for starts, _ in (of_left, of_right)]
    return _told_apart(Aligned(left=spans[0], right=spans[1]), np.stack(of_left), np.stack(of_right))


def _starts_and_ends(offsets: Offsets, black: NDArray[np.bool_]) -> tuple[Spans, Spans]:
    """Of each token, moved over white space; a start is never before that of an earlier token."""
    place = np.arange(len(black) + 1)
    onward = np.minimum.accumulate(np.where(np.append(black, True), place, len(black))[::-1])[::-1]
    moved = onward[np.asarray(offsets, dtype=np.int64).reshape(-1, 2).clip(0, len(black))]
    return np.maximum.accumulate(moved[:, 0]), moved[:, 1]


def _boundaries(starts: Spans, ends: Spans) -> Spans:
    """The characters at which a token begins that no earlier one reaches into, the first one left out."""
    reached = np.maximum.accumulate(ends)[:-1]
    return np.unique(starts[1:][(starts[1:] >= reached) & (starts[1:] > starts[0])])


def _told_apart(aligned: Aligned, left: Spans, right: Spans) -> Aligned:
    """Spans whose tokens are alike on both sides, one by one, are as many spans."""
    count = len(aligned)
    sizes = [np.bincount(side, minlength=count) for side in (aligned.left, aligned.right)]
    alike = (sizes[0] == sizes[1]) & (sizes[0] > 1)
    if not alike.any():
        return aligned
    firsts = [np.cumsum(size) - size for size in sizes]
    for span in np.flatnonzero(alike):
        size = sizes[0][span]
        parts = (x[:, first[span] : first[span] + size] for x, first in zip((left, right), firsts, strict=True))
        one, other = parts
        alike[span] = bool((one == other).all())
    grown = np.where(alike, sizes[0], 1)
    begin = np.cumsum(grown) - grown
    within = [np.arange(len(x)) - first[x] for x, first in zip((aligned.left, aligned.right), firsts, strict=True)]
    spans = [begin[x] + np.where(alike[x], w, 0) for x, w in zip((aligned.left, aligned.right), within, strict=True)]
    return Aligned(left=spans[0], right=spans[1])


def _whole(spans: Spans, tokens: int) -> int:
    """How many spans lie within the first tokens as a whole."""
    return int(spans[tokens]) if tokens < len(spans) else int(spans[-1]) + 1


def _special(left: int, right: int) -> tuple[tuple[Spans, Spans], int]:
    """The spans of special tokens on both sides, and how many there are."""
    if left == right:
        return (np.arange(left), np.arange(right)), left
    found = np.zeros(left, dtype=np.int64), np.zeros(right, dtype=np.int64)
    return found, 1 if min(left, right) else 0
