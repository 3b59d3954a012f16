"""What is measured on the text of a row without any model: its length, and the overlap of its two sides."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator

import regex

from xstilts.languages.scripts import WITHOUT_BLANKS, properties
from xstilts.reading.examples import Choice, Classified, Example, texts

_UNSPACED = properties(sorted(WITHOUT_BLANKS))
_WORD = regex.compile(rf"[{_UNSPACED}]\p{{M}}*|[[\p{{L}}\p{{N}}\p{{M}}]--[{_UNSPACED}]]+", regex.VERSION1)
"""A word; in scripts that are written without blanks a character with its marks."""


@functools.lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, case ignored; single characters in scripts that are written without blanks."""
    return words_as_written(text.casefold())


def words_as_written(text: str) -> tuple[str, ...]:
    """The same with its capitals."""
    return tuple(match[0] for match in _WORD.finditer(text))


def length(example: Example) -> int:
    """Characters of all that a model reads of an example."""
    return sum(map(len, texts(example)))


def sides(example: Example) -> tuple[str, str] | None:
    """The two texts of which the overlap is asked: of a pair, or of a prompt and its right choice.

    None: there are none, or the gold of a multiple-choice row is hidden.
    """
    if isinstance(example, Classified) and example.second is not None:
        return example.first, example.second
    if isinstance(example, Choice) and example.label is not None:
        return example.prompt, example.choices[example.label]
    return None


def overlap(example: Example) -> float | None:
    """The share of the second side's words that the first side has as well."""
    both = sides(example)
    if both is None:
        return None
    first, second = set(words(both[0])), words(both[1])
    return sum(word in first for word in second) / len(second) if second else None


def partial_inputs(example: Example) -> tuple[str, ...]:
    """What is left of an example without its first text: the second of a pair, the choices without their prompt."""
    if isinstance(example, Choice):
        return example.choices
    if isinstance(example, Classified):
        return (example.first if example.second is None else example.second,)
    return ()


def features(text: str) -> Iterator[str]:
    """The words of a text and its pairs of neighbouring words: what a bag of words knows of it."""
    found = words(text)
    yield from found
    yield from map(" ".join, itertools.pairwise(found))
