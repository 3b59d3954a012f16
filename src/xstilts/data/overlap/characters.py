"""Texts as characters that can be compared: letters, marks and digits alone, whatever their case, width and spacing.

Compatibility forms are made one (NFKC) and case is folded; punctuation, symbols, blanks and invisible characters are
dropped. Where a sentence ends, and where a text does, is kept beside the characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import regex
from numpy.typing import NDArray

from xstilts.data.overlap.lengths import SCRIPTS, script_classes

TEXT_END = "\x00"
"""Between two texts; no text has it."""
SENTENCE_END = ".!?\n。؟۔।॥።։။၊"
"""What ends a sentence, after NFKC; a line end does, too, and so does the end of each of several choices."""
_DROPPED, _ENDS_SENTENCE, _ENDS_TEXT = 255, 254, 253
"""Classes of characters beside the scripts, which are numbered from 0."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """Some texts as one sequence of N characters, each text followed by one character that no text has.

    Attributes:
        characters: [N] code points.
        starts: where each text begins.
        lengths: of each text, without the character behind it.
        sentence_starts: where each sentence begins; a text without an end in it is one sentence.
        sentence_lengths: of each sentence.
        scripts: of each text the class that most of its characters have (`lengths.SCRIPTS`).
    """

    characters: NDArray[np.uint32]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    sentence_starts: NDArray[np.int64]
    sentence_lengths: NDArray[np.int64]
    scripts: NDArray[np.int64]


def block(texts: Sequence[str], *, scripts: bool = False) -> Block:
    """Texts as characters.

    Args:
        texts: at least one.
        scripts: whether the script of each is wanted.
    """
    joined = TEXT_END.join(text.replace(TEXT_END, " ") for text in texts) + TEXT_END
    folded = unicodedata.normalize("NFKC", joined).casefold()
    # Turkish capitals have no dot where small letters have none: folded, I is i and not ı.
    folded = folded.replace("ı", "i").replace("i\u0307", "i")
    points = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    classes = _classes()[points]
    kept = (classes < _ENDS_SENTENCE) & (classes != _DROPPED)
    ends = np.flatnonzero(classes[kept] == _ENDS_TEXT)
    starts = np.concatenate(([0], ends[:-1] + 1))
    # Places in the kept characters before which a sentence or a text ends.
    before = np.cumsum(kept)
    breaks = np.unique(np.concatenate((before[classes == _ENDS_SENTENCE], ends)))
    sentences = np.setdiff1d(np.concatenate((breaks, starts)), ends)
    stops = breaks[np.searchsorted(breaks, sentences + 1)]
    return Block(
        characters=points[kept],
        starts=starts,
        lengths=ends - starts,
        sentence_starts=sentences,
        sentence_lengths=stops - sentences,
        scripts=_most(classes[kept], ends) if scripts else np.zeros(0, dtype=np.int64),
    )


def _most(classes: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """The commonest script of each text."""
    counts = np.empty((len(SCRIPTS), len(ends)), dtype=np.int64)
    for script in range(len(SCRIPTS)):
        reached = np.cumsum(classes == script)[ends]
        counts[script] = np.diff(reached, prepend=0)
    commonest: NDArray[np.int64] = counts.argmax(axis=0)
    return commonest


@cache
def _classes() -> NDArray[np.uint8]:
    """Code point → class."""
    every = "".join(map(chr, range(0x110000)))
    found = np.full(len(every), _DROPPED, dtype=np.uint8)
    for number, letters in enumerate(script_classes()):
        for run in regex.finditer(letters, every):
            found[run.start() : run.end()] = number
    for character in SENTENCE_END:
        found[ord(character)] = _ENDS_SENTENCE
    found[ord(TEXT_END)] = _ENDS_TEXT
    return found
