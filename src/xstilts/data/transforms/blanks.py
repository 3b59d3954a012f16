"""Blanks between words are left out, and as many blanks are put into words.

Scripts whose words are not separated by blanks only get some put in.
"""

from __future__ import annotations

from random import Random

from xstilts.data.transforms.edits import Edit
from xstilts.data.transforms.letters import is_letter, is_mark
from xstilts.data.transforms.perturbation import WORDS, everywhere, perturbation, script_of
from xstilts.languages.scripts import WITHOUT_BLANKS


def _propose(text: str, language: str, random: Random) -> list[Edit]:
    inside = [
        Edit(place, (f"{text[place]} ",))
        for place in range(len(text) - 1)
        if (is_letter(text[place]) or is_mark(text[place])) and is_letter(text[place + 1])
    ]
    if script_of(language) in WITHOUT_BLANKS:
        return inside
    between = [
        Edit(place, ("",))
        for place in range(1, len(text) - 1)
        if text[place] == " " and not text[place - 1].isspace() and not text[place + 1].isspace()
    ]
    return between + random.sample(inside, min(len(inside), len(between)))


TRANSFORM = perturbation(title="Blanks inserted and removed", propose=_propose, why_not=everywhere, kinds=WORDS)
