"""Which single characters a vocabulary must spell: those of its text, and the other letters of the same alphabets.

Languages that share an alphabet with the text's differ by a few letters: with Ukrainian's or Lithuanian's there are
words of them, without them holes.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

LEAST = 0.001
"""Of a text, the share of an alphabet from which on it is one of the text's."""
TOO_MANY = frozenset({"CJK", "HANGUL"})
"""Scripts of thousands of characters, of which only those of the text are kept."""


def most_useful(characters: Mapping[str, float], available: Iterable[str], *, most: int) -> list[str]:
    """The characters to keep, the most used first, letters that the text does not use last.

    Args:
        characters: of the text → how often.
        available: the single characters that there are.
        most: how many.
    """
    known = set(available)
    used = sorted(known & characters.keys(), key=lambda one: (-characters[one], one))
    alphabets = _alphabets(characters)
    others = sorted(one for one in known - characters.keys() if one.isalpha() and _alphabet(one) in alphabets)
    return [*used, *others][:most]


def _alphabets(characters: Mapping[str, float]) -> set[str]:
    shares: dict[str, float] = defaultdict(float)
    for character, count in characters.items():
        if character.isalpha():
            shares[_alphabet(character)] += count
    total = sum(shares.values())
    return {name for name, share in shares.items() if share >= LEAST * total} - TOO_MANY


def _alphabet(letter: str) -> str:
    """``CYRILLIC`` of ``CYRILLIC SMALL LETTER YI``; empty where Unicode gives no name."""
    return unicodedata.name(letter, "").partition(" ")[0]
