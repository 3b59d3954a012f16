"""Scripts by the codes of ISO 15924: what Unicode calls their letters, and whether blanks separate their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

LETTERS: Mapping[str, tuple[str, ...]] = {
    "Hans": ("Hani",),
    "Hant": ("Hani",),
    "Jpan": ("Hira", "Kana", "Hani"),
    "Kore": ("Hang", "Hani"),
}
"""Written scripts of ISO 15924 that Unicode knows as others; each other one is one of Unicode's."""
WITHOUT_BLANKS = frozenset({"Thai", "Hani", "Hans", "Hant", "Jpan", "Khmr", "Laoo", "Mymr"})
"""Scripts whose words are not separated by blanks."""


def letters_of(script: str) -> tuple[str, ...]:
    """The scripts of Unicode whose letters a script is written in."""
    return LETTERS.get(script, (script,))


def properties(scripts: Iterable[str]) -> str:
    """The letters of some scripts as the inside of a character class (package ``regex``)."""
    return "".join(rf"\p{{Script={name}}}" for name in dict.fromkeys(one for s in scripts for one in letters_of(s)))
