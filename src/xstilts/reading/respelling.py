"""Finds a text that a context holds in another spelling: other white space, characters composed or decomposed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Folded:
    """A text with decomposed characters (NFD) and one blank for every run of white space.

    Attributes:
        text: folded.
        begins: for each of its characters, where in the original it begins.
        ends: where the original of each ends.
    """

    text: str
    begins: list[int]
    ends: list[int]


def folded(text: str) -> Folded:
    """``text`` folded."""
    characters: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    for place, character in enumerate(text):
        if character.isspace():
            if characters and characters[-1] == " ":
                ends[-1] = place + 1
                continue
            parts = " "
        else:
            parts = unicodedata.normalize("NFD", character)
        for part in parts:
            characters.append(part)
            begins.append(place)
            ends.append(place + 1)
    return Folded("".join(characters), begins, ends)


def places(context: str, text: str) -> Iterator[tuple[int, int]]:
    """Every stretch ``start, end`` of a context that is a text, but for its spelling; none cuts a character in two.

    White space around the text is left out.
    """
    wanted, held = folded(text.strip()).text, folded(context)
    at = held.text.find(wanted) if wanted else -1
    while at >= 0:
        last = at + len(wanted) - 1
        opens = at == 0 or held.begins[at - 1] != held.begins[at]
        closes = last + 1 == len(held.text) or (
            held.begins[last + 1] != held.begins[last] and not unicodedata.combining(held.text[last + 1])
        )
        if opens and closes:
            yield held.begins[at], held.ends[last]
        at = held.text.find(wanted, at + 1)
