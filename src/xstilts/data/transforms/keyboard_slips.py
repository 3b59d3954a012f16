"""A key beside the one that was meant, on the layout that is published for the language.

Layouts are those of xkeyboard-config 2.35.1 (`layouts.json`, by ``tools/keyboard_layouts.py``): the four rows of
letters, without and with Shift. A slip stays on its level, and puts a letter in place of a letter and a vowel sign in
place of a vowel sign. Keys are neighbours in a row, or where their rows touch: W touches 2, 3, Q, E, A and S.
"""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from random import Random

from xstilts.data.transforms.edits import Edit
from xstilts.data.transforms.perturbation import drawn_from, perturbation

LAYOUTS = {
    **dict.fromkeys(("eng", "ind", "msa", "tgl", "swa", "jav", "sun", "afr"), "us"),
    **dict.fromkeys(("spa", "cat", "eus", "glg"), "es"),
    **{"deu": "de", "fra": "fr", "ita": "it", "por": "pt(basic)", "tur": "tr", "vie": "vn", "pol": "pl"},
    **{"hun": "hu(standard)", "fin": "fi", "est": "ee(nodeadkeys)", "lit": "lt(basic)", "ron": "ro(basic)"},
    **{"lav": "lv(basic)", "nld": "nl", "ces": "cz", "slk": "sk(basic)", "swe": "se(basic)", "dan": "dk"},
    **{"nob": "no", "nno": "no", "hrv": "hr", "slv": "si", "sqi": "al", "isl": "is(basic)", "aze": "az(latin)"},
    **{"rus": "ru", "ukr": "ua", "bul": "bg", "kaz": "kz(basic)", "srp": "rs", "mkd": "mk", "bel": "by"},
    **{"ell": "gr(simple)", "ara": "ara", "heb": "il", "fas": "ir(pes)", "urd": "pk(urd-phonetic)"},
    **{"hin": "in(deva)", "mar": "in(marathi)", "mal": "in(mal)", "tam": "in(tam)", "tel": "in(tel)"},
    **{"ben": "in(ben)", "guj": "in(guj)", "pan": "in(guru)", "kan": "in(kan)", "tha": "th", "kat": "ge"},
    **{"hye": "am", "lao": "la", "mya": "mm", "khm": "kh"},
}
"""ISO 639-3 code → layout of xkeyboard-config."""
SCRIPTS = {"srp": "Cyrl", "aze": "Latn", "kaz": "Cyrl", "urd": "Arab", "pan": "Guru"}
"""Of languages that are written in several scripts: the one of their layout."""


@lru_cache(maxsize=1)
def _published() -> Mapping[str, list[list[str]]]:
    """Layout → level → rows."""
    found: dict[str, list[list[str]]] = json.loads(Path(__file__).with_name("layouts.json").read_text("utf-8"))
    return found


@lru_cache(maxsize=64)
def neighbours(layout: str) -> Mapping[str, str]:
    """Character → those on the keys around its own, in alphabetical order."""
    found: dict[str, set[str]] = defaultdict(set)
    for rows in _published()[layout]:
        keys = {(i, j): one for i, row in enumerate(rows) for j, one in enumerate(row) if _usable(one)}
        for (i, j), one in keys.items():
            around = ((i, j - 1), (i, j + 1), (i - 1, j), (i - 1, j + 1), (i + 1, j - 1), (i + 1, j))
            near = (keys[place] for place in around if place in keys)
            found[one].update(other for other in near if other != one and _class(other) == _class(one))
    return {one: "".join(sorted(others)) for one, others in found.items() if others}


def _class(character: str) -> str:
    """``L`` for letters, ``M`` for marks."""
    return unicodedata.category(character)[0]


def _usable(character: str) -> bool:
    """A character that stays what it is when text is normalised: no ligatures of two letters."""
    return _class(character) in "LM" and unicodedata.normalize("NFKC", character) == character


def _layout(language: str) -> str | None:
    code, _, script = language.partition("-")
    return LAYOUTS.get(code) if SCRIPTS.get(code, script) == script else None


def _propose(text: str, language: str, random: Random) -> list[Edit]:
    near = neighbours(LAYOUTS[language.partition("-")[0]])
    return [Edit(place, (drawn_from(near[one], random),)) for place, one in enumerate(text) if one in near]


def _why_not(language: str) -> str:
    return "" if _layout(language) else "no published layout whose keys are its letters is known for it"


TRANSFORM = perturbation(title="Keyboard slips", propose=_propose, why_not=_why_not)
