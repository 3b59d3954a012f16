"""Whether texts are in the language that their file's name says, as far as their script and their bytes tell.

A file under another language's name trains and scores without a word; so the share of letters in the language's own
script is counted, field by field. The same count shows columns that were swapped, and UTF-8 that was read as Latin-1
(``Ã¤`` for ``ä``) and written again.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import regex

from xstilts.errors import DataError, beginning
from xstilts.languages.scripts import properties
from xstilts.languages.tags import UNKNOWN_SCRIPT
from xstilts.reading.examples import Example, spoken

SAMPLE = 1_000
"""Examples of a file that are looked at, evenly spaced; all of them before a file is refused."""
ENOUGH = 20
"""Letters below which a text says nothing about its script."""
FEW = 0.3
"""A share of letters in the language's own script below which a field is named.

Of the published dev and test sets that were measured, none was below 92 per cent (XNLI in Urdu, some of whose rows are
romanised) but XCOPA in Chinese with 37: its prompts end in a question in English.
"""
MANY = 0.3
"""A share of texts without a letter of the script from which on a field is named."""
GARBLED = 0.1
"""A share of the texts beyond ASCII that read as UTF-8 taken for Latin-1, from which on it is said. The highest among
the same sets was 3 per cent: paragraphs of Wikipedia that hold such a pair of characters by chance, or by an error."""
SHOWN = 60
ROMANISED = frozenset({"akk-Xsux", "got-Goth", "san-Deva"})
"""Languages whose published texts are in Latin letters, too: Universal Dependencies' Akkadian is a "bound
transcription" (its documentation, ``_akk/index.md``), its Gothic (UD_Gothic-PROIEL) and its Vedic Sanskrit
(UD_Sanskrit-Vedic) are transliterated."""

_LETTER = regex.compile(r"\p{L}")
_LATER = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MISREAD = regex.compile(rf"[Â-ß][{_LATER}]|[à-ï][{_LATER}]{{2}}|[ð-ô][{_LATER}]{{3}}")


@dataclass
class _Letters:
    """What is counted of one field."""

    all: int = 0
    own: int = 0
    texts: int = 0
    foreign: int = 0
    example: str = ""

    @property
    def doubtful(self) -> bool:
        """Whether so few letters, or so few texts, are of the script that it is worth a word."""
        few = self.own < FEW * self.all or self.foreign > MANY * self.texts
        return few and self.all >= ENOUGH and bool(self.foreign)


@dataclass
class _Counted:
    """Letters by (field, language), and the rows that look misread."""

    letters: dict[tuple[str, str], _Letters] = field(default_factory=lambda: defaultdict(_Letters))
    beyond_ascii: int = 0
    misread: int = 0
    example: str = ""

    @property
    def garbled(self) -> bool:
        return self.misread > GARBLED * self.beyond_ascii


def doubts(examples: Sequence[Example], language: str, *, file: Path) -> list[str]:
    """What speaks against texts being in a language; empty where nothing does.

    Args:
        examples: of one file or set.
        language: the id that its name stands for; an example's own field may say another (the English half of a pair).
        file: named in the notes.

    Raises:
        DataError: not one letter is of the language's script.
    """
    counted = _counted(examples[:: max(1, len(examples) // SAMPLE)], language)
    if _refused(counted):
        counted = _counted(examples, language)
    if refused := _refused(counted):
        message, hint = refused
        raise DataError(message, file=file, hint=hint)
    return [f"{file.name}: {said}" for said in (*_foreign(counted), *_misread(counted))]


def _counted(examples: Sequence[Example], language: str) -> _Counted:
    found = _Counted()
    for example in examples:
        for name, text, its in spoken(example, language):
            _count(text, found.letters[name, its], its)
            if not text.isascii():
                found.beyond_ascii += 1
                if _MISREAD.search(text) and (repaired := _repaired(text)):
                    found.misread += 1
                    found.example = found.example or f"{beginning(text, SHOWN)!r} for {beginning(repaired, SHOWN)!r}"
    return found


def _count(text: str, into: _Letters, language: str) -> None:
    letters = len(_LETTER.findall(text))
    own = len(_of(language).findall(text))
    into.all += letters
    into.own += own
    if letters >= ENOUGH / 2:
        into.texts += 1
        into.foreign += not own
        into.example = into.example or ("" if own else repr(beginning(text, SHOWN)))


@functools.cache
def _of(language: str) -> regex.Pattern[str]:
    """The letters that a language is written in; any, where its script is not known, or Unicode does not know it."""
    script = language.partition("-")[2]
    if script == UNKNOWN_SCRIPT:
        return _LETTER
    try:
        return regex.compile(f"[{properties([script, *(['Latn'] if language in ROMANISED else [])])}]")
    except regex.error:
        return _LETTER


def _refused(counted: _Counted) -> tuple[str, str] | None:
    """The message, and the way out, where no field of the language itself has a letter of its script."""
    for language in {its for _, its in counted.letters}:
        of_it = [one for (_, its), one in counted.letters.items() if its == language]
        letters, own = sum(one.all for one in of_it), sum(one.own for one in of_it)
        if letters >= ENOUGH and not own:
            code, _, script = language.partition("-")
            example = next((one.example for one in of_it if one.example), "")
            if counted.garbled:
                return f"UTF-8 that was read as Latin-1 and written again: {counted.example}", "write the file anew"
            return (
                f"none of {letters:,} letters is of the script of {language}, e.g. {example}",
                f"is it another language's? what is meant to be in another script than {script} says so by a code such "
                f"as {code}-Latn",
            )
    return None


def _foreign(counted: _Counted) -> Iterator[str]:
    few = {place: one for place, one in counted.letters.items() if one.doubtful}
    if len(few) > 1 and len({language for _, language in few}) > 1:
        yield f"{' and '.join(name for name, _ in few)} look swapped: neither is in the script of its language"
        return
    for (name, language), one in few.items():
        yield (
            f"only {one.own / one.all:.0%} of the letters in the field {name} are of the script of {language}, and "
            f"{one.foreign / one.texts:.0%} of its texts have none, e.g. {one.example}"
        )


def _misread(counted: _Counted) -> Iterator[str]:
    if counted.garbled:
        yield f"{counted.misread:,} texts look like UTF-8 that was read as Latin-1, e.g. {counted.example}"


def _repaired(text: str) -> str:
    """A text with what was misread put right; empty where that is not possible."""
    try:
        return str(_MISREAD.sub(lambda match: _bytes(match[0]).decode("utf-8"), text))
    except (UnicodeDecodeError, UnicodeEncodeError):
        return ""


def _bytes(text: str) -> bytes:
    """The bytes of which a text was made, by Windows' table and, where it has a hole, by ISO's."""
    return b"".join(char.encode("latin-1") if ord(char) < 256 else char.encode("cp1252") for char in text)
