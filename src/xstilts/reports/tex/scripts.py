"""Scripts as LaTeX prints them: which font has their letters, and which way they run."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xstilts.languages.scripts import properties

EAST_ASIAN = ("Hani", "Hira", "Kana", "Hang", "Bopo")
"""Scripts that one font prints; lines may break between any two of their letters."""
BREAKS = frozenset({"Hans", "Jpan"})
"""Fonts whose letters need places where a line may break; Korean has blanks."""


@dataclass(frozen=True, kw_only=True)
class Font:
    """How a script is set.

    Attributes:
        name: of the font. It is one alone: to find that a font is not there takes TeX long.
        package: the Debian package that has them.
        feature: what fontspec calls the script, for those whose letters are shaped.
        leftwards: whether it is written from right to left.
    """

    name: str
    package: str = "fonts-noto-core"
    feature: str = ""
    leftwards: bool = False


def _serif(script: str, *, feature: str = "", leftwards: bool = False) -> Font:
    return Font(name=f"Noto Serif {script}", feature=feature, leftwards=leftwards)


def _sans(script: str, *, feature: str = "", leftwards: bool = False) -> Font:
    return Font(name=f"Noto Sans {script}", feature=feature, leftwards=leftwards)


def _east_asian(region: str) -> Font:
    return Font(name=f"Noto Serif CJK {region}", package="fonts-noto-cjk")


FONTS: Mapping[str, Font] = {
    "Arab": Font(name="Noto Naskh Arabic", feature="Arabic", leftwards=True),
    "Armn": _serif("Armenian"),
    "Beng": _serif("Bengali", feature="Bengali"),
    "Cans": _sans("Canadian Aboriginal"),
    "Cher": _sans("Cherokee"),
    "Copt": _sans("Coptic"),
    "Deva": _serif("Devanagari", feature="Devanagari"),
    "Ethi": _serif("Ethiopic"),
    "Geor": _serif("Georgian"),
    "Goth": _sans("Gothic"),
    "Gujr": _serif("Gujarati", feature="Gujarati"),
    "Guru": _serif("Gurmukhi", feature="Gurmukhi"),
    "Hebr": _serif("Hebrew", feature="Hebrew", leftwards=True),
    "Khmr": _serif("Khmer", feature="Khmer"),
    "Knda": _serif("Kannada", feature="Kannada"),
    "Laoo": _serif("Lao", feature="Lao"),
    "Mlym": _serif("Malayalam", feature="Malayalam"),
    "Mong": _sans("Mongolian", feature="Mongolian"),
    "Mymr": _serif("Myanmar", feature="Myanmar"),
    "Nkoo": _sans("NKo", feature="N'Ko", leftwards=True),
    "Olck": _sans("Ol Chiki"),
    "Orya": _sans("Oriya", feature="Oriya"),
    "Sinh": _serif("Sinhala", feature="Sinhala"),
    "Syrc": _sans("Syriac", feature="Syriac", leftwards=True),
    "Taml": _serif("Tamil", feature="Tamil"),
    "Telu": _serif("Telugu", feature="Telugu"),
    "Tfng": _sans("Tifinagh"),
    "Thaa": _sans("Thaana", feature="Thaana", leftwards=True),
    "Thai": _serif("Thai", feature="Thai"),
    "Tibt": _serif("Tibetan", feature="Tibetan"),
    "Xsux": _sans("Cuneiform"),
    "Hans": _east_asian("SC"),
    "Jpan": _east_asian("JP"),
    "Kore": _east_asian("KR"),
}
"""Scripts that the font of the text does not have, by ISO 15924 → their font. It has Latin, Greek and Cyrillic."""


def runs(text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with the key of its font in `FONTS`; "" for that of the text itself.

    Marks stay with the letters that they are on, and blanks between two words of one script are that script's.
    """
    at = 0
    for match in _pattern().finditer(text):
        if match.start() > at:
            yield "", text[at : match.start()]
        script = str(match.lastgroup)
        yield _east_asian_font(match[0]) if script == "East" else script, match[0]
        at = match.end()
    if at < len(text):
        yield "", text[at:]


def scripts_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The keys of `FONTS` that some texts need, in alphabetical order."""
    return tuple(sorted({script for text in texts for script, _ in runs(text) if script}))


def _east_asian_font(text: str) -> str:
    import regex

    if regex.search(rf"[{properties(['Hang'])}]", text):
        return "Kore"
    return "Jpan" if regex.search(rf"[{properties(['Hira', 'Kana'])}]", text) else "Hans"


@functools.cache
def _pattern() -> Any:  # noqa: ANN401 – a pattern of the package regex, which has no types
    import regex

    named = {name: (name,) for name in FONTS if name not in ("Hans", "Jpan", "Kore")} | {"East": EAST_ASIAN}
    parts = []
    for name, scripts in named.items():
        signs = r"\u3000-\u303f\uff00-\uffef" if name == "East" else ""
        first = f"[{properties(scripts)}{signs}]"
        own = "".join(rf"\p{{Script_Extensions={one}}}" for one in scripts)
        more = rf"[{own}{signs}\p{{Script=Inherited}}\u200c\u200d]"
        parts.append(f"(?P<{name}>{first}{more}*(?: +{first}{more}*)*)")
    return regex.compile("|".join(parts))
