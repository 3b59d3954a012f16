"""Letters and marks of any script, and where words are."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

CASED = frozenset({"Latn", "Cyrl", "Grek", "Armn"})
"""Scripts with capital and small letters in running text (Georgian capitals are for headlines alone)."""


@lru_cache(maxsize=4096)
def is_letter(character: str) -> bool:
    """Whether it is a letter; digits are none, since another digit is another fact."""
    return unicodedata.category(character)[0] == "L"


@lru_cache(maxsize=4096)
def is_mark(character: str) -> bool:
    """Whether it belongs to the letter before it: a vowel sign, an accent, a tone."""
    return unicodedata.category(character)[0] == "M"


def alone(text: str, place: int) -> bool:
    """Whether a letter is at a place, with no mark that belongs to it."""
    return is_letter(text[place]) and not (place + 1 < len(text) and is_mark(text[place + 1]))


def inner(text: str, place: int) -> bool:
    """Whether a letter without marks is at a place, with a letter or mark before and a letter after it."""
    if not 0 < place < len(text) - 1 or not alone(text, place):
        return False
    before = text[place - 1]
    return (is_letter(before) or is_mark(before)) and is_letter(text[place + 1])


def words(text: str) -> list[tuple[int, int]]:
    """The runs of letters and marks."""
    found, start = [], None
    for place, character in enumerate(f"{text} "):
        inside = is_letter(character) or (start is not None and is_mark(character))
        if inside and start is None:
            start = place
        elif not inside and start is not None:
            found.append((start, place))
            start = None
    return found
