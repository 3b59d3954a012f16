r"""Interlinear glosses of the constructed languages, after the Leipzig rules: words in pieces, and what they mean.

``katom-zov-kef`` is ``dog-PL-ACC``; an ending that says two things at once has a dot, ``katom-us`` ``dog-PL.ACC``; what
is said by the vowels of the word has a backslash, ``kitem`` ``dog\PL.ACC``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, NamedTuple

from xstilts.microworld import files, grammar
from xstilts.microworld.forms import Paradigms
from xstilts.microworld.sections import SECTIONS
from xstilts.microworld.sentence import Sentence

TERMS: Mapping[str, str] = {
    "past": "PST", "pres": "PRS", "passive": "PASS", "ask": "Q",
}  # fmt: skip
"""Where a gloss is not the feature's own name in capitals."""
NAMES = ("people", "cities")
MARK = "_mark"
"""How words end that mean a feature and nothing else."""
_ARTICLES = ("a_", "an_", "the_", "do_")
"""Before words that are the same as another section's."""


class Gloss(NamedTuple):
    """A word in its pieces, and what they mean: as many hyphens in one as in the other."""

    pieces: str
    meaning: str


@functools.cache
def glossary(language: str) -> Mapping[str, Gloss]:
    """Every form of a constructed language in small letters, with its gloss."""
    with resources.as_file(files.file_of(language)) as path:
        raw = files.contents(path)
    found: dict[str, Gloss] = {}
    for section in SECTIONS:
        for name, entry in raw.get(section, {}).items():
            for form, gloss in _forms(grammar.paradigms(language), section, name, entry):
                found.setdefault(form.casefold(), gloss)
    return found


def glossed(language: str, sentence: Sentence) -> list[Gloss]:
    """The gloss of each word of a sentence; marks of punctuation are left out."""
    known = glossary(language)
    pairs = zip(sentence.words, sentence.tags, strict=True)
    found = [(word, known[word.casefold()]) for word, tag in pairs if tag != "PUNCT"]
    return [Gloss(word[:1] + gloss.pieces[1:], gloss.meaning) for word, gloss in found]


def interlinear(language: str, sentence: Sentence) -> tuple[str, str]:
    """Two lines with the words below each other: in their pieces, and what the pieces mean."""
    words = glossed(language, sentence)
    widths = [max(len(one.pieces), len(one.meaning)) for one in words]
    first, second = (
        "  ".join(one[line].ljust(width) for one, width in zip(words, widths, strict=True)).rstrip() for line in (0, 1)
    )
    return first, second


def _forms(paradigms: Paradigms, section: str, name: str, entry: Any) -> Iterator[tuple[str, Gloss]]:  # noqa: ANN401
    for features, form in paradigms.pieces(section, entry).items():
        said = [TERMS.get(one, one.upper()) for one in features.split()]
        if not form:
            continue
        if name.endswith(MARK):
            yield form, Gloss(form, ".".join(said))
            continue
        stem, *affixes = _written(paradigms, form)
        meaning = _concept(section, name)
        if not affixes and said:
            yield stem, Gloss(stem, f"{meaning}\\{'.'.join(said)}")
            continue
        of_each = said if len(said) == len(affixes) else [".".join(said)]
        yield "".join((stem, *affixes)), Gloss("-".join((stem, *affixes)), "-".join((meaning, *of_each)))


def _written(paradigms: Paradigms, form: str) -> list[str]:
    """The pieces of a form as they are written."""
    pieces = form.split("+")
    whole = [paradigms.sounds.join("+".join(pieces[:count])) for count in range(1, len(pieces) + 1)]
    return [after[len(before) :] for before, after in zip(("", *whole), whole, strict=False)]


def _concept(section: str, name: str) -> str:
    if section in NAMES:
        return ".".join(part.capitalize() for part in name.removesuffix("_city").split("_"))
    if section == "numbers":
        return name
    for article in _ARTICLES if section == "words" else ():
        name = name.removeprefix(article)
    return TERMS.get(name, name.replace("_", "."))
