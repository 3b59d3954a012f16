"""Accents are left out: é becomes e, ấ becomes a, ή becomes η, ё becomes е.

What is left out is what Unicode's canonical decomposition separates from a letter. In Cyrillic that is done to ё alone:
й and ї are letters that nobody writes without their sign. Letters that do not decompose (ø, ł, ı) stay.
"""

from __future__ import annotations

import unicodedata
from random import Random

from xstilts.data.transforms.edits import Edit
from xstilts.data.transforms.letters import is_letter, is_mark
from xstilts.data.transforms.perturbation import perturbation, script_of

WITHOUT = ("eng", "ind", "msa", "swa", "tgl")
"""Languages in Latin script whose orthography has no accents, but for loans and names."""
YO = {"ё": "е", "Ё": "Е"}
WITH_YO = ("rus", "bel")


def _bare(character: str) -> str:
    """The letter without its accents."""
    return "".join(one for one in unicodedata.normalize("NFD", character) if not is_mark(one))


def _propose(text: str, language: str, random: Random) -> list[Edit]:
    if script_of(language) == "Cyrl":
        return [Edit(place, (YO[one],)) for place, one in enumerate(text) if one in YO]
    found = []
    for place, one in enumerate(text):
        if is_mark(one) and place and is_letter(text[place - 1]):
            found.append(Edit(place, ("",)))
        elif is_letter(one) and len(bare := _bare(one)) == 1 and bare != one:
            found.append(Edit(place, (bare,)))
    return found


def _why_not(language: str) -> str:
    script, code = script_of(language), language.partition("-")[0]
    if script == "Latn":
        return "its orthography has no accents" if code in WITHOUT else ""
    if script == "Cyrl":
        return "" if code in WITH_YO else "only ё is written without its sign, which it does not have"
    return "" if script == "Grek" else "its script has no accents that are left out in writing"


TRANSFORM = perturbation(title="Accents removed", propose=_propose, why_not=_why_not)
