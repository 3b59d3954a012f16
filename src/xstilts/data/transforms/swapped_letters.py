"""Two neighbours inside a word change places, letters or a letter and a vowel sign: two character errors."""

from __future__ import annotations

from random import Random

from xstilts.data.transforms.edits import Edit
from xstilts.data.transforms.letters import is_letter, is_mark
from xstilts.data.transforms.perturbation import everywhere, perturbation


def _propose(text: str, language: str, random: Random) -> list[Edit]:
    return [
        Edit(place, (text[place + 1], text[place]), cost=2)
        for place in range(1, len(text) - 1)
        if text[place] != text[place + 1] and _inside(text, place)
    ]


def _inside(text: str, place: int) -> bool:
    """Whether what is at a place and what follows belong to a word that has begun before; one of them is a letter."""
    before, this, following = text[place - 1], text[place], text[place + 1]
    if not (is_letter(before) or is_mark(before)):
        return False
    return (is_letter(this) and (is_letter(following) or is_mark(following))) or (
        is_mark(this) and is_letter(following)
    )


TRANSFORM = perturbation(title="Letters swapped", propose=_propose, why_not=everywhere)
