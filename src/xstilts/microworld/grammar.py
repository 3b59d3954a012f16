"""One language file, read and checked: lexicon, paradigms, sounds, phrases, clauses, texts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from xstilts import languages
from xstilts.errors import ConfigError, UnknownName
from xstilts.microworld import files
from xstilts.microworld.entry import Entry
from xstilts.microworld.forms import KEYS, Paradigms
from xstilts.microworld.meaning import KINDS, ROLES
from xstilts.microworld.sections import BUILT_IN, LINES, PATTERNS, SECTIONS, SETTINGS, roles_in
from xstilts.microworld.sounds import Sounds, pattern
from xstilts.microworld.templates import Features, Part, copied, parse, slots


@dataclass(frozen=True)
class Join:
    """What happens where two words meet: ``a`` before a vowel becomes ``an``; ``de`` and ``le`` become ``du``."""

    becomes: str
    before: re.Pattern[str] | None = None
    next: str = ""
    glue: bool = False


@dataclass(frozen=True)
class Grammar:
    """A language of the microworld.

    Attributes:
        language: its id, e.g. ``fra-Latn``.
        spaces: words are written apart.
        capitals: a sentence begins with a capital.
        features: its features, the built-in ones first.
        entries: section -> name -> entry.
        joins: word -> what happens to it before others.
        first_letters: capitals that Unicode does not give: Turkish ``i`` becomes ``İ``.
        space_before: marks that are separated from the word before them: French ``?``.
        unsure: constructions that its author would have a native speaker look at.
    """

    language: str
    spaces: bool
    capitals: bool
    features: Features
    entries: Mapping[str, Mapping[str, Entry]]
    joins: Mapping[str, tuple[Join, ...]] = field(default_factory=dict)
    first_letters: Mapping[str, str] = field(default_factory=dict)
    space_before: str = ""
    unsure: tuple[str, ...] = ()

    @property
    def gap(self) -> str:
        """The separator of sentences."""
        return " " if self.spaces else ""


def known() -> tuple[str, ...]:
    """The ids of the languages that the microworld speaks, in order: each is a file."""
    return files.in_folder(files.SPOKEN)


def constructed() -> tuple[str, ...]:
    """The ids of the languages that were made up, which differ in morphology alone: spoken where they are named."""
    return files.in_folder(files.CONSTRUCTED)


@functools.cache
def load(language: str) -> Grammar:
    """A language by its id, read from its file.

    Raises:
        UnknownName: the microworld does not speak it.
        ConfigError: the file is not as it should be.
    """
    if language not in (*known(), *constructed()):
        raise UnknownName("language of the microworld", language, (*known(), *constructed()))
    with resources.as_file(files.file_of(language)) as path:
        return read(path)


def read(path: Path) -> Grammar:
    """A language file.

    Raises:
        ConfigError: it is not YAML, or a word, feature, paradigm or pattern in it is not as it should be; names it.
    """
    return _Reader(files.contents(path), path).grammar()


@functools.cache
def paradigms(language: str) -> Paradigms:
    """How the words of a language inflect.

    Raises:
        ConfigError: as for `load`.
    """
    with resources.as_file(files.file_of(language)) as path:
        reader = _Reader(files.contents(path), path)
    reader.grammar()
    return reader.paradigms


class _Reader:
    def __init__(self, raw: dict[str, Any], path: Path) -> None:
        self.raw, self.path = raw, path
        known_keys = (*SETTINGS, *SECTIONS, *PATTERNS)
        for key, value in raw.items():
            if key not in known_keys:
                raise UnknownName("section", key, known_keys, where=path)
            if key not in LINES and not isinstance(value, dict):
                raise ConfigError(f"{key}: expected names with values", where=path)

    def grammar(self) -> Grammar:
        raw = self.raw
        with self._at("language"):
            language = languages.get(raw.get("language", "")).id
        with self._at("features"):
            self.features = Features({**BUILT_IN, **self._own_features()})
        for section in raw.get("defaults", {}):
            if section not in (*SECTIONS, *PATTERNS):
                raise UnknownName("section in defaults", section, (*SECTIONS, *PATTERNS), where=self.path)
        self.sets = raw.get("letters", {})
        with self._at("sounds"):
            sounds = self._sounds()
        tables = {name: tuple(row) for name, row in raw.get("tables", {}).items()}
        self.paradigms = Paradigms(raw.get("paradigms", {}), tables, sounds)
        return Grammar(
            language=language,
            spaces=raw.get("spaces", "yes") not in ("no", "false"),
            capitals=raw.get("capitals", "yes") not in ("no", "false"),
            features=self.features,
            entries={name: dict(self._section(name)) for name in (*SECTIONS, *PATTERNS)},
            joins=self._joins(),
            first_letters=raw.get("first_letters", {}),
            space_before=raw.get("space_before", ""),
            unsure=tuple(raw.get("unsure", ())),
        )

    def _own_features(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = self.raw.get("features", {})
        for name, values in found.items():
            if name in BUILT_IN:
                raise ValueError(f"{name!r} is built in; take another name")
            if not isinstance(values, list):
                raise ValueError(f"expected a list of names for {name!r}")  # noqa: TRY004 – a mistake in a file
        return found

    def _sounds(self) -> Sounds:
        sounds = self.raw.get("sounds", {})
        change = {
            letter: [(pattern(left + "$", self.sets), right) for left, right in rules]
            for letter, rules in sounds.get("change", {}).items()
        }
        after = [(pattern(left, self.sets), right) for left, right in sounds.get("after", ())]
        vowels = self.raw.get("vowels", "")
        return Sounds(vowels, change, after, decompose=sounds.get("decompose", "no") in ("yes", "true"))

    def _section(self, section: str) -> Iterator[tuple[str, Entry]]:
        required, tag, entity = (SECTIONS if section in SECTIONS else PATTERNS)[section]
        given = self.raw.get(section, {})
        for name in required:
            if name not in given:
                raise ConfigError(f"{section} does not name {name!r}", where=self.path)
        for name, value in given.items():
            if required and name not in required and section not in ("phrases",):
                raise UnknownName(f"entry of {section}", name, required, where=self.path)
            with self._at(f"{section}.{name}"):
                yield name, self._entry(section, name, value, tag, entity)

    def _entry(self, section: str, name: str, value: str | dict[str, Any], tag: str, entity: str) -> Entry:
        details = value if isinstance(value, dict) else {}
        tag = details.get("tag", tag)
        inherent = self.features.read(self._default(section)) + self.features.read(details.get("is", ""))
        forms = self._patterns(value) if section in PATTERNS else self.paradigms.forms(section, value)
        if not forms:
            raise ValueError("it has no form")
        variants = [
            (self.features.read(wanted), self._parse(section, name, form, tag)) for wanted, form in forms.items()
        ]
        where = f"{self.path.name}: {section}.{name}"
        first = self.features.dimensions["reading"]
        return Entry(variants, inherent=inherent, entity=entity, where=where, first=first)

    def _default(self, section: str) -> str:
        return str(self.raw.get("defaults", {}).get(section, ""))

    @staticmethod
    def _patterns(value: str | dict[str, Any]) -> dict[str, str]:
        if isinstance(value, str):
            return {"": value}
        return {name: form for name, form in value.items() if name not in KEYS}

    def _parse(self, section: str, name: str, form: str, tag: str) -> tuple[Part, ...]:
        parts = parse(form, tag, self.features)
        named = (*self.raw.get("words", {}), *self.raw.get("phrases", {}))
        for slot in slots(parts):
            if slot not in (allowed := (*roles_in(section, name), *named)):
                raise UnknownName(f"slot of {section}.{name}", slot, allowed, where=self.path)
        for role in copied(parts):
            if role not in (roles := KINDS.get(name, ROLES) if section == "clauses" else ROLES):
                raise UnknownName(f"role of {section}.{name}", role, roles, where=self.path)
        return parts

    def _joins(self) -> dict[str, tuple[Join, ...]]:
        joins: dict[str, tuple[Join, ...]] = {}
        for rule in self.raw.get("joins", ()):
            with self._at(f"joins {rule}"):
                if not {"before", "next"} & set(rule):
                    raise ValueError("neither before nor next says when")
                before = pattern(rule["before"], self.sets) if "before" in rule else None
                join = Join(rule["becomes"], before, rule.get("next", ""), rule.get("glue", "no") in ("yes", "true"))
                for word in rule["word"].split():
                    joins[word] = (*joins.get(word, ()), join)
        return joins

    def _at(self, key: str) -> _Place:
        return _Place(self.path, key)


@dataclass(frozen=True)
class _Place:
    """Says where in the file a ``ValueError``, an unknown language or a missing key came up."""

    path: Path
    key: str

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UnknownName) and not error.where:
            raise ConfigError(f"{self.key}: {error}", where=self.path) from None
        if isinstance(error, KeyError):
            raise ConfigError(f"{self.key}: {error.args[0]!r} is missing", where=self.path) from None
        if isinstance(error, (ValueError, TypeError, AttributeError)):
            raise ConfigError(f"{self.key}: {error}", where=self.path) from None
