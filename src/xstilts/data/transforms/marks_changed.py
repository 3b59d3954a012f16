"""A vowel sign or a diacritic takes the place of another: long for short, one tone for another, alef for hamza on alef.

Indic scripts, Khmer, Lao and Burmese: vowel signs that Unicode names alike but for their length (I and II, U and UU) or
their glide (E and AI, O and AU). Thai: the vowels SARA I to SARA UU, and the four tone marks. Vietnamese: the five tone
marks. Arabic: the forms of alef with and without hamza or madda, alef maksura and yeh, teh marbuta and heh.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from random import Random

from xstilts.data.transforms.edits import Edit
from xstilts.data.transforms.perturbation import drawn_from, perturbation, script_of

INDIC = {
    **{"Deva": "DEVANAGARI", "Beng": "BENGALI", "Gujr": "GUJARATI", "Guru": "GURMUKHI", "Taml": "TAMIL"},
    **{"Telu": "TELUGU", "Knda": "KANNADA", "Mlym": "MALAYALAM", "Orya": "ORIYA", "Mymr": "MYANMAR"},
    **{"Khmr": "KHMER", "Laoo": "LAO"},
}
"""Script → how Unicode names it."""
PAIRS = ("I II", "U UU", "E AI", "O AU", "E EE", "O OO", "EE AI", "OO AU")
THAI = ("I II", "UE UEE", "U UU")
THAI_TONES, LAO_TONES = ("EK", "THO", "TRI", "CHATTAWA"), ("EK", "THO", "TI", "CATAWA")
ARABIC = ("\u0627\u0623\u0625\u0622", "\u0649\u064a", "\u0629\u0647")
VIETNAMESE = "\u0300\u0301\u0303\u0309\u0323"
"""Grave, acute, tilde, hook above, dot below."""


@lru_cache(maxsize=64)
def _alternatives(script: str) -> Mapping[str, str]:
    """Character → what may stand in its place."""
    groups: list[Iterable[str]] = []
    if script in INDIC:
        groups += [[_named(f"{INDIC[script]} VOWEL SIGN {one}") for one in pair.split()] for pair in PAIRS]
    if script == "Laoo":
        groups.append([_named(f"LAO TONE MAI {one}") for one in LAO_TONES])
    if script == "Thai":
        groups += [[_named(f"THAI CHARACTER SARA {one}") for one in pair.split()] for pair in THAI]
        groups.append([_named(f"THAI CHARACTER MAI {one}") for one in THAI_TONES])
    if script == "Arab":
        groups += ARABIC
    found: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        for one in filter(None, group):
            found[one] |= {other for other in group if other and other != one}
    return {one: "".join(sorted(others)) for one, others in found.items() if others}


def _named(name: str) -> str:
    """The character of a name; "" where Unicode has none."""
    try:
        return unicodedata.lookup(name)
    except KeyError:
        return ""


@lru_cache(maxsize=1024)
def _tones(character: str) -> str:
    """The same Vietnamese letter with each of the other tone marks; "" for a letter without one."""
    apart = unicodedata.normalize("NFD", character)
    tones = [one for one in apart if one in VIETNAMESE]
    if len(tones) != 1 or len(apart) < 2:
        return ""
    others = (unicodedata.normalize("NFC", apart.replace(tones[0], other)) for other in VIETNAMESE if other != tones[0])
    return "".join(other for other in others if len(other) == 1)


def _propose(text: str, language: str, random: Random) -> list[Edit]:
    table = _alternatives(script_of(language))
    vietnamese = language.startswith("vie-")
    others = [_tones(one) if vietnamese else table.get(one, "") for one in text]
    return [Edit(place, (drawn_from(some, random),)) for place, some in enumerate(others) if some]


def _why_not(language: str) -> str:
    script = script_of(language)
    if language.startswith("vie-") or script in INDIC or script == "Thai":
        return ""
    if script == "Arab":
        return "" if language.startswith("ara-") else "the forms of alef are those of Arabic"
    return "no marks of its script are known that take each other's place"


TRANSFORM = perturbation(title="Vowel signs and diacritics changed", propose=_propose, why_not=_why_not)
