"""The forms of a word: from a paradigm's patterns, from a table, or named one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xstilts.microworld.sounds import Sounds

_STEM = re.compile(r"\{([^{}]*)\}")
_PLACE = re.compile(r"[1-9]")
KEYS = ("is", "like", "tag", "forms")
"""What an entry may say besides its stems."""


@dataclass(frozen=True)
class Paradigms:
    """How the words of a language inflect.

    Attributes:
        patterns: paradigm -> features -> pattern, ``{word}`` standing for the stem of that name, ``{word:1a2o3}`` for
            its consonants with other vowels between them.
        tables: paradigm or section -> the features of a row of forms, in order.
        sounds: how stem and ending meet.
    """

    patterns: Mapping[str, Mapping[str, str]]
    tables: Mapping[str, tuple[str, ...]]
    sounds: Sounds

    def forms(self, section: str, entry: str | Mapping[str, Any]) -> dict[str, str]:
        """Features -> form of one entry of a section.

        Raises:
            ValueError: as for `pieces`, or pieces that do not join.
        """
        return {name: self.sounds.join(form) for name, form in self.pieces(section, entry).items()}

    def pieces(self, section: str, entry: str | Mapping[str, Any]) -> dict[str, str]:
        """Features -> form of one entry, with ``+`` where its pieces meet.

        Raises:
            ValueError: an unknown paradigm, a stem that the entry does not give, a row of the wrong length.
        """
        if isinstance(entry, str):
            entry = {"word": entry}
        given = entry.get("forms", {})
        listed = self._row(section, entry, given) if isinstance(given, str) else dict(given)
        bare = isinstance(given, str) and "like" not in entry
        made = {} if bare else self._inflected(self._paradigm(section, entry), entry, listed)
        return made | listed

    def _paradigm(self, section: str, entry: Mapping[str, Any]) -> Mapping[str, str]:
        name = entry.get("like", section)
        if name in self.patterns:
            return self._inherited(name)
        if "like" in entry:
            raise ValueError(f"unknown paradigm {name!r}; known: {', '.join(self.patterns) or 'none'}")
        return {"": "{word}"} if "word" in entry else {}

    def _inherited(self, name: str, heirs: tuple[str, ...] = ()) -> dict[str, str]:
        own = dict(self.patterns[name])
        parent = own.pop("like", None)
        if parent is None:
            return own
        if parent not in self.patterns or parent == name:
            raise ValueError(f"paradigm {name!r} is like {parent!r}, which is not another paradigm")
        if parent in heirs:
            raise ValueError(f"paradigm {name!r} is like {parent!r}, which in turn depends on {name!r}")
        return self._inherited(parent, (*heirs, name)) | own

    def _inflected(
        self, patterns: Mapping[str, str], entry: Mapping[str, Any], listed: Mapping[str, str]
    ) -> dict[str, str]:
        taken = {frozenset(name.split()) for name in listed}
        return {
            name: self._fill(pattern, entry)
            for name, pattern in patterns.items()
            if frozenset(name.split()) not in taken
        }

    def _fill(self, pattern: str, entry: Mapping[str, Any]) -> str:
        def stem(match: re.Match[str]) -> str:
            names, colon, template = match[1].partition(":")
            for name in names.split("|"):
                if name in entry:
                    return self._woven(str(entry[name]), template) if colon else str(entry[name])
            raise ValueError(f"{pattern!r} needs {names!r}, which the entry does not give")

        return _STEM.sub(stem, pattern)

    def _woven(self, stem: str, template: str) -> str:
        """The consonants of a stem in a template: ``1a2o3`` of ``katim`` is ``katom``."""
        if not self.sounds.vowels:
            raise ValueError(f"{template!r} takes consonants, but no vowels are named")
        consonants = [letter for letter in stem if letter.lower() not in self.sounds.vowels]
        if max(map(int, _PLACE.findall(template)), default=0) > len(consonants):
            raise ValueError(f"{template!r} takes more consonants than {stem!r} has ({len(consonants)})")
        return _PLACE.sub(lambda place: consonants[int(place[0]) - 1], template)

    def _row(self, section: str, entry: Mapping[str, Any], row: str) -> dict[str, str]:
        name = entry.get("like", section)
        table = self.tables.get(name) or self.tables.get(section)
        if table is None:
            raise ValueError(f"a row of forms, but no table for {name!r}; known: {', '.join(self.tables) or 'none'}")
        forms = [form.strip() for form in row.replace("|", ",").split(",")]
        if len(forms) != len(table):
            raise ValueError(f"{len(forms)} forms where the table {name!r} has {len(table)} ({', '.join(table)})")
        return {features: form for features, form in zip(table, forms, strict=True) if form != "-"}
