"""Letters that depend on what precedes them: vowel harmony, linking letters, particles after consonants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_LINK = re.compile(r"\((\w)\)")
_TAG = re.compile(r"/[A-Z]+\b")


@dataclass(frozen=True)
class Sounds:
    """How written pieces join, as a language file's ``sounds`` says.

    A form is written ``kitap+(y)I``: ``+`` marks where pieces meet, ``(y)`` a letter that is there only to keep two
    vowels, or two consonants, apart, and a capital named under ``change`` a letter that the letters before it choose.

    Attributes:
        vowels: the vowels; without them, brackets are an error.
        change: name -> (pattern on the letters before, replacement), the first that matches; a pattern matches at the
            end of what stands before.
        after: (pattern, replacement) pairs applied in order to the whole form, ``+`` still in it.
        decompose: patterns see Hangul syllables taken apart (Unicode NFD).
    """

    vowels: str = ""
    change: Mapping[str, Sequence[tuple[re.Pattern[str], str]]] = field(default_factory=dict)
    after: Sequence[tuple[re.Pattern[str], str]] = ()
    decompose: bool = False

    def join(self, form: str) -> str:
        """The form as it is written.

        Raises:
            ValueError: a changing letter that no pattern fits; brackets, and no vowels are named.
        """
        for pattern, replacement in self.after:
            form = pattern.sub(replacement, form)
        if "+" not in form:
            return form
        first, *pieces = form.split("+")
        for piece in pieces:
            first = self._add(first, piece)
        return first

    def _add(self, before: str, piece: str) -> str:
        position = 0
        while position < len(piece):
            if link := _LINK.match(piece, position):
                before += self._written(before, link[1]) if self._keeps(before, link[1]) else ""
                position = link.end()
                continue
            if tag := _TAG.match(piece, position):  # of a word inside the form: no letters of it
                before += tag[0]
                position = tag.end()
                continue
            before += self._written(before, piece[position])
            position += 1
        return before

    def _keeps(self, before: str, letter: str) -> bool:
        """A consonant stays after a vowel, a vowel (or a letter that becomes one) after a consonant."""
        if not self.vowels:
            raise ValueError(f"({letter}) keeps letters apart, but no vowels are named")
        letters = before.rstrip("'’")  # Turkish parts a name from its ending: Ayşe'ye
        ends_in_vowel = bool(letters) and letters[-1].lower() in self.vowels
        return ends_in_vowel != (letter.lower() in self.vowels or letter in self.change)

    def _written(self, before: str, letter: str) -> str:
        if letter not in self.change:
            return letter
        seen = (unicodedata.normalize("NFD", before) if self.decompose else before).lower()
        for pattern, replacement in self.change[letter]:
            if pattern.search(seen):
                return replacement
        raise ValueError(f"no rule for {letter!r} fits after {before!r}")


def pattern(text: str, sets: Mapping[str, str]) -> re.Pattern[str]:
    """A rule's left side: a regular expression in which ``<back>`` means any letter of that set.

    Raises:
        ValueError: an unknown set, or not a regular expression.
    """

    def letters(match: re.Match[str]) -> str:
        if match[1] not in sets:
            raise ValueError(f"unknown letter set <{match[1]}>; known: {', '.join(sets) or 'none'}")
        return f"[{sets[match[1]]}]"

    try:
        return re.compile(re.sub(r"<(\w+)>", letters, text))
    except re.error as error:
        raise ValueError(f"not a pattern: {text!r} ({error})") from None
