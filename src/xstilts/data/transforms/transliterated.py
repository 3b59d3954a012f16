"""Words are written in Latin letters, by the tables of anyascii (ISC licence), character for character.

A word is a run of letters; where words are not separated by blanks, at most four characters. The option ``rate`` is the
character error rate of the whole text: about that share of its words is transliterated.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping
from random import Random

from xstilts.data.transforms.edits import Edit
from xstilts.data.transforms.letters import is_mark, words
from xstilts.data.transforms.perturbation import perturbation, script_of
from xstilts.errors import ConfigError
from xstilts.languages.scripts import WITHOUT_BLANKS

LONGEST = 4
"""Characters of a piece where words are not separated by blanks."""


def _pieces(text: str, language: str) -> Iterator[tuple[int, int]]:
    joined = script_of(language) in WITHOUT_BLANKS
    for start, end in words(text):
        while joined and end - start > LONGEST:
            middle = start + LONGEST
            while middle < end and is_mark(text[middle]):
                middle += 1
            yield start, middle
            start = middle
        if start < end:
            yield start, end


def _propose(text: str, language: str, random: Random) -> list[Edit]:
    from anyascii import anyascii

    found = []
    for start, end in _pieces(text, language):
        written = tuple(anyascii(one) for one in text[start:end])
        latin = "".join(written)
        same = sum(one == other for one, other in zip(text[start:end], written, strict=True))
        if latin.strip() and same < end - start:
            found.append(Edit(start, written, cost=max(end - start, len(latin)) - same))
    return found


def _why_not(language: str) -> str:
    return "it is written in Latin letters" if script_of(language) == "Latn" else ""


def _needs() -> Mapping[str, str]:
    try:
        return {"anyascii": importlib.metadata.version("anyascii")}
    except importlib.metadata.PackageNotFoundError:
        raise ConfigError(
            "transliterated needs anyascii, which is not installed", hint='pip install "xstilts[transliteration]"'
        ) from None


TRANSFORM = perturbation(
    title="Words in Latin letters",
    propose=_propose,
    why_not=_why_not,
    needs=_needs,
    paper="https://github.com/anyascii/anyascii",
)
