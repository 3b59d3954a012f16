"""How long a shared run of characters must be before it says anything, by script: docs/contamination.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xstilts.languages.scripts import properties

VERSION = 1
"""Raised when a length, or what the characters of a text are, changes what is found."""


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """Of one class of scripts, in characters without blanks and punctuation.

    Attributes:
        scripts: by ISO 15924; empty: all others.
        gram: n of the n-grams.
        shortest: texts that are shorter than n are compared as a whole, from this length on.
    """

    scripts: tuple[str, ...]
    gram: int
    shortest: int


SCRIPTS: Mapping[str, Lengths] = {
    "alphabets": Lengths(scripts=(), gram=25, shortest=12),
    "abjads": Lengths(scripts=("Arab", "Hebr", "Syrc", "Thaa"), gram=25, shortest=10),
    "abugidas": Lengths(
        scripts=(
            *("Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda", "Mlym", "Sinh"),
            *("Thai", "Laoo", "Khmr", "Mymr", "Tibt", "Ethi"),
        ),
        gram=25,
        shortest=10,
    ),
    "Hangul": Lengths(scripts=("Hang",), gram=13, shortest=6),
    "Han and Kana": Lengths(scripts=("Hani", "Hira", "Kana", "Bopo"), gram=13, shortest=5),
}
"""By the name of the class."""


def script_classes() -> tuple[str, ...]:
    """The characters of each class as a pattern of the package ``regex``; the first takes in all that is left."""
    named = [f"[{properties(one.scripts)}]+" for one in SCRIPTS.values() if one.scripts]
    return (r"[\p{L}\p{M}\p{N}]+", *named)
