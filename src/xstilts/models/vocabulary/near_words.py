"""The words nearest to a word in an embedding table, of those that are written as it is.

Shape legend: Q words that are asked for, W words of a group, D hidden width.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

SHORTEST = 2
"""Letters of a word."""
AT_ONCE = 1 << 24
"""Cosines held at once: 64 MiB."""


def near_words(
    wanted: Iterable[str], vocabulary: Mapping[str, int], embedding: NDArray[np.float32], *, count: int
) -> dict[str, list[str]]:
    """Word → at most ``count`` of the nearest, the nearest first; words that have none are left out.

    Args:
        wanted: whose neighbours are asked for.
        vocabulary: word → its row of the table.
        embedding: the table [rows, D].
        count: of a word's neighbours.
    """
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for word in sorted(vocabulary):
        if look := _look(word):
            groups[look].append(word)
    asked: dict[tuple[str, str], list[str]] = defaultdict(list)
    for word in wanted:
        look = _look(word)
        if look and word in vocabulary:
            asked[look].append(word)
    if not asked:
        return {}
    mean_D = embedding[[vocabulary[word] for words in groups.values() for word in words]].mean(axis=0)
    found: dict[str, list[str]] = {}
    for look, words in asked.items():
        found |= _nearest(words, groups[look], vocabulary, embedding, mean_D, count)
    return {word: found[word] for word in sorted(found) if found[word]}


def _nearest(
    asked: list[str],
    words: list[str],
    vocabulary: Mapping[str, int],
    embedding: NDArray[np.float32],
    mean_D: NDArray[np.float32],
    count: int,
) -> dict[str, list[str]]:
    """Among the words of a group."""
    table_WD = _unit(embedding[[vocabulary[word] for word in words]] - mean_D)
    place = {word: number for number, word in enumerate(words)}
    # The word itself is its nearest; a few others may be the same word in another case.
    kept, rows = min(count + 4, len(words)), max(1, AT_ONCE // len(words))
    found: dict[str, list[str]] = {}
    for first in range(0, len(asked), rows):
        part = asked[first : first + rows]
        cosine_QW = table_WD[[place[word] for word in part]] @ table_WD.T
        best = np.argpartition(-cosine_QW, kept - 1, axis=1)[:, :kept]
        for word, cosines, near in zip(part, cosine_QW, best, strict=True):
            ordered = sorted(near.tolist(), key=lambda number: (-float(cosines[number]), number))
            others = [words[number] for number in ordered if words[number].casefold() != word.casefold()]
            found[word] = others[:count]
    return found


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return found


def _look(word: str) -> tuple[str, str] | None:
    """The script of a word and how it is written; None of what is no word of letters of one script."""
    if len(word) < SHORTEST:
        return None
    scripts = {_script(character) for character in word}
    scripts.discard("mark")
    if len(scripts) != 1 or None in scripts:
        return None
    (script,) = scripts
    written = "small" if word.islower() else "capitals" if word.isupper() else "capital" if word.istitle() else "mixed"
    return str(script), written


@cache
def _script(character: str) -> str | None:
    """``LATIN``, ``CYRILLIC``, ``CJK``: how the name of a letter begins; None of what is no letter."""
    category = unicodedata.category(character)
    if category.startswith("M"):
        return "mark"
    return unicodedata.name(character, "").partition(" ")[0] or None if category.startswith("L") else None
