"""Codes and tags as people write them (``zh-CN``, ``sr_Latn``, ``iw``, ``cmn``, ``pt-BR``) as ids of languages.

What the table itself knows (ids, the benchmarks' codes) comes first; the rest is read as a BCP 47 tag: old codes get
their new form, three letters and two are the same language, a dominant language stands for its macrolanguage (``arb``
for ``ara``), a territory is left out, and a script that is not the table's makes another written language.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xstilts.languages.table import all_languages, codes_of

if TYPE_CHECKING:
    import langcodes

UNKNOWN_SCRIPT = "Zzzz"
"""ISO 15924 for a script that was not said."""
_FORM = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_USUAL = re.compile(r"[A-Za-z]{2,3}(?:[-_](?:[A-Za-z]{2,4}|[0-9]{3}))*")
_ID = re.compile(rf"[a-z]{{2,3}}-{UNKNOWN_SCRIPT}")
_WRITTEN_AS: Mapping[str, str] = {"Hans": "Hani", "Hant": "Hani", "Hang": "Kore", "Hrkt": "Jpan", "Hira": "Jpan"}
"""Scripts that are part of the one under which the table files a language."""


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What a code or tag means.

    Attributes:
        id: of the language, e.g. ``zho-Hani``; ``srp-Latn`` where the table has the language in other scripts alone,
            ``sot-Zzzz`` where it does not have it.
        known: whether the table has it.
        exact: whether the table has the code as it was written.
    """

    id: str
    known: bool
    exact: bool

    def remark(self, given: str) -> str:
        """What people should know; empty where the code is in the table as it was written."""
        if self.exact:
            return ""
        if self.known:
            return f"the language code {given!r} is read as {self.id}"
        return f"the language code {given!r} is not in the table; it runs as {self.id}"


def is_tag(code: str) -> bool:
    """Whether a text has the form of a code or tag: not ``id-backup``, for variants are those that are registered."""
    if _USUAL.fullmatch(code):
        return True
    tag = _tag(code) if _FORM.fullmatch(code) else None
    return tag is not None and tag.is_valid()


@functools.cache
def understood(code: str) -> Understood | None:
    """What a code or tag means; None where it is no language that anybody has registered."""
    known = _known()
    if code in known:
        return Understood(id=known[code], known=True, exact=True)
    if not is_tag(code):
        return None
    if _ID.fullmatch(code):  # as the command line shows a language without an entry
        return Understood(id=code, known=False, exact=False)
    tag = _tag(code)
    if tag is None or not tag.language or not tag.is_valid():
        return None
    script = _script(tag)
    for subtag in _subtags(tag):
        found = known.get(subtag)
        if found and script in ("", found.partition("-")[2], _WRITTEN_AS.get(script)):
            return Understood(id=found, known=True, exact=False)
        if found and (other := f"{found.partition('-')[0]}-{_WRITTEN_AS.get(script, script)}") in known:
            return Understood(id=other, known=True, exact=False)
        if found:
            return Understood(id=f"{found.partition('-')[0]}-{script}", known=False, exact=False)
    return Understood(id=f"{_three_letters(tag)}-{tag.script or UNKNOWN_SCRIPT}", known=False, exact=False)


@functools.cache
def _known() -> Mapping[str, str]:
    """Id or code → id; where systems differ, the benchmarks' two letters win, then Tatoeba's three."""
    found: dict[str, str] = {language.id: language.id for language in all_languages()}
    for system in ("xtreme", "iso639_3"):
        for code, language in codes_of(system).items():
            found.setdefault(code, language.id)
    for language in all_languages():
        found.setdefault(language.iso639_3, language.id)
    found.pop("", None)
    return found


def _tag(code: str) -> langcodes.Language | None:
    import langcodes  # parses tables at import: only where the table of languages has no answer
    from langcodes.tag_parser import LanguageTagError

    try:
        return langcodes.Language.get(code)
    except LanguageTagError:
        return None


def _script(tag: langcodes.Language) -> str:
    """The script that a tag names, or that its territory implies (``zh-TW``); empty where neither does."""
    if tag.script or not tag.territory:
        return tag.script or ""
    return tag.maximize().script or ""


def _subtags(tag: langcodes.Language) -> Iterator[str]:
    """The codes under which the table may have a tag's language."""
    yield str(tag.language)
    yield _three_letters(tag)
    yield str(tag.prefer_macrolanguage().language)


def _three_letters(tag: langcodes.Language) -> str:
    try:
        return str(tag.to_alpha3())
    except LookupError:
        return str(tag.language)
