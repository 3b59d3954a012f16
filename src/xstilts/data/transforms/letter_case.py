"""Capital letters become small ones, and small ones capitals."""

from __future__ import annotations

from random import Random

from xstilts.data.transforms.edits import Edit
from xstilts.data.transforms.letters import CASED
from xstilts.data.transforms.perturbation import perturbation, script_of

DOTTED = {"i": "İ", "İ": "i", "ı": "I", "I": "ı"}
"""Where the dot makes another letter."""
WITH_DOTTED = ("tur", "aze", "crh", "tat")


def _other(character: str, language: str) -> str:
    """The same letter in the other case; itself where there is none, or where it is not one letter."""
    if character in DOTTED and language.startswith(WITH_DOTTED):
        return DOTTED[character]
    other = character.swapcase()
    return other if len(other) == 1 else character


def _propose(text: str, language: str, random: Random) -> list[Edit]:
    others = [_other(character, language) for character in text]
    return [Edit(i, (other,)) for i, (one, other) in enumerate(zip(text, others, strict=True)) if one != other]


def _why_not(language: str) -> str:
    return "" if script_of(language) in CASED else "its script has no capital letters"


TRANSFORM = perturbation(title="Case of letters", propose=_propose, why_not=_why_not)
