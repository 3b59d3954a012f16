"""A letter or a vowel sign inside a word is left out."""

from __future__ import annotations

from random import Random

from xstilts.data.transforms.edits import Edit
from xstilts.data.transforms.letters import inner, is_letter, is_mark
from xstilts.data.transforms.perturbation import everywhere, perturbation


def _propose(text: str, language: str, random: Random) -> list[Edit]:
    return [Edit(place, ("",)) for place in range(1, len(text) - 1) if inner(text, place) or _sign(text, place)]


def _sign(text: str, place: int) -> bool:
    return is_mark(text[place]) and is_letter(text[place - 1]) and is_letter(text[place + 1])


TRANSFORM = perturbation(title="Letters dropped", propose=_propose, why_not=everywhere)
