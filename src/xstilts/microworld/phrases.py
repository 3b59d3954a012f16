"""Phrases of one language: what fills a role becomes words, with the features of its place."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple

from xstilts.errors import ConfigError
from xstilts.microworld.entry import Entry, Vector, merge, projection
from xstilts.microworld.grammar import Grammar
from xstilts.microworld.meaning import ADJECTIVES, City, Filler, Organisation, Person, Place, Profession, Thing, Word
from xstilts.microworld.sentence import Spoken
from xstilts.microworld.templates import Group, Part, Slot, Token, slots

Pairs = tuple[tuple[int, int], ...]
"""Dimensions of features, each with a value."""
REMEMBERED = 20_000
"""Phrases that are kept: about 20 MB."""


class Phrases:
    """Says the phrases of one language, and remembers what it has said once."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self._values = grammar.features.values
        self._heard = projection(_heard(grammar))
        self._filled: dict[tuple[Filler, Hashable, Pairs, int, str], tuple[Spoken, ...]] = {}
        self._shown: dict[Filler, dict[int, int]] = {}
        self._words: dict[tuple[Entry, Hashable, str], list[Token]] = {}

    def fill(self, filler: Filler, features: Vector, pairs: Pairs, index: int, role: str) -> tuple[Spoken, ...]:
        """The words of a phrase; its features: the context's, then the head's own, then the slot's.

        Raises:
            ConfigError: the language file has no form for it; names the entry.
        """
        key = (filler, self._heard(features), pairs, index, role)
        if (found := self._filled.get(key)) is None:
            if len(self._filled) >= REMEMBERED:
                self._filled.clear()
            inner = merge(merge(features, self.exposed(filler).items()), pairs)
            found = self._filled[key] = tuple([Spoken(word, index, role) for word in self._spell(filler, inner)])
        return found

    def exposed(self, filler: Filler) -> dict[int, int]:
        """The features that others agree with: those of the head, of the number, definiteness."""
        if (found := self._shown.get(filler)) is None:
            found = self._shown[filler] = self._expose(filler)
        return found

    def entry(self, filler: Filler) -> Entry:
        """The entry of the language file that names what fills a role."""
        entries = self.grammar.entries
        match filler:
            case Person(name):
                return entries["people"][name]
            case Profession(name):
                return entries["professions"][name]
            case Thing(noun):
                return entries["nouns"][noun]
            case City(name):
                return entries["cities"][name]
            case Place(name):
                return entries["places"][name]
            case Organisation(name):
                return entries["organisations"][name]
            case Word(section, name):
                return entries[section][name]

    def named(self, name: str) -> Entry | None:
        """A word or a phrase of the language file; None for a role that is not filled."""
        entries = self.grammar.entries
        return entries["words"].get(name) or entries["phrases"].get(name)

    def pairs(self, names: tuple[str, ...]) -> Pairs:
        """Feature names as dimensions with their values."""
        return tuple(self._values[name] for name in names)

    def choose(self, entry: Entry, features: Vector) -> tuple[Part, ...]:
        """The pattern of an entry that fits these features best.

        Raises:
            ConfigError: none fits; names the entry.
        """
        try:
            return entry.choose(features)
        except LookupError:
            raise ConfigError(f"{entry.where} has no form for {self._described(features) or 'no feature'}") from None

    def _expose(self, filler: Filler) -> dict[int, int]:
        pairs = dict(self.entry(filler).inherent)
        if isinstance(filler, Thing):
            pairs |= dict(self.grammar.entries["numbers"][str(filler.number)].inherent)
            pairs |= dict(self.pairs(_modified(filler)))
        if isinstance(filler, (Thing, Profession)):
            pairs |= dict(self.pairs(("def" if filler.definite else "indef",)))
        return pairs

    def _spell(self, filler: Filler, features: Vector) -> list[Token]:
        own = self.entry(filler)
        phrases = self.grammar.entries["phrases"]
        match filler:
            case Person():
                return self._phrase(phrases["person"], features, {"name": own})
            case City():
                return self._phrase(phrases["city"], features, {"name": own})
            case Profession():
                return self._phrase(phrases["profession"], features, {"noun": own})
            case Organisation(_, city):
                inner = self._phrase(own, features, {"city": self.grammar.entries["cities"][city]})
                organisation = _Said(_labelled(inner, own.entity))
                if "organisation" in phrases:
                    return self._phrase(phrases["organisation"], features, {"name": organisation})
                return organisation.words
            case Thing():
                return self._phrase(phrases["thing"], features, self._thing(filler, own))
            case _:
                return self._phrase(own, features, {})

    def _thing(self, thing: Thing, noun: Entry) -> dict[str, Entry | _Said]:
        entries = self.grammar.entries
        parts: dict[str, Entry | _Said] = {"noun": noun, "number": entries["numbers"][str(thing.number)]}
        return parts | {name: entries[f"{name}s"][value] for name in ADJECTIVES if (value := getattr(thing, name))}

    def _phrase(self, entry: Entry, features: Vector, slots: Mapping[str, Entry | _Said]) -> list[Token]:
        words, _ = self._expand(self.choose(entry, features), features, slots)
        return words

    def _expand(
        self, parts: tuple[Part, ...], features: Vector, slots: Mapping[str, Entry | _Said]
    ) -> tuple[list[Token], bool]:
        words: list[Token] = []
        full = True
        for part in parts:
            if isinstance(part, Token):
                words.append(part)
            elif isinstance(part, Group):
                inner, whole = self._expand(part.parts, features, slots)
                words.extend(inner if whole else ())
            else:
                inner, whole = self._part(part, features, slots)
                words.extend(inner)
                full &= whole
        return words, full

    def _part(self, slot: Slot, features: Vector, slots: Mapping[str, Entry | _Said]) -> tuple[list[Token], bool]:
        """One slot inside a phrase: a word of it, or a phrase of the language file that sees the same words."""
        held = slots.get(slot.name)
        if isinstance(held, _Said):
            return held.words, True
        entry = held or self.named(slot.name)
        if entry is None:
            return [], False
        # the head's own features are in the phrase's already, under what its slot in the clause says
        own = () if slot.name in ("noun", "name") else entry.inherent
        inner = merge(merge(features, own), slot.sets)
        part = slot.name if held is not None else ""
        if not entry.plain:
            return self._labelled(entry, inner, slots, part)
        key = (entry, entry.seen(inner), part)
        if (words := self._words.get(key)) is None:
            words = self._words[key] = self._labelled(entry, inner, {}, part)[0]
        return words, True

    def _labelled(
        self, entry: Entry, features: Vector, slots: Mapping[str, Entry | _Said], part: str
    ) -> tuple[list[Token], bool]:
        """The words of an entry; as a part of a phrase they say which."""
        words, full = self._expand(self.choose(entry, features), features, slots)
        if part:
            words = _labelled(words, entry.entity) if entry.entity else [_part_of(word, part) for word in words]
        return words, full

    def _described(self, features: Vector) -> str:
        return " ".join(name for name, (index, value) in self._values.items() if features[index] == value)


def _heard(grammar: Grammar) -> frozenset[int]:
    """The dimensions that can change a phrase: those of its words and of all that its patterns name."""
    named = {**grammar.entries["phrases"], **grammar.entries["words"]}
    waiting = [named[name] for name in ("person", "profession", "thing", "city", "organisation") if name in named]
    waiting += [entry for section in _FILLERS for entry in grammar.entries[section].values()]
    reached: dict[Entry, None] = {}
    while waiting:
        entry = waiting.pop()
        if entry not in reached:
            reached[entry] = None
            waiting += [named[name] for parts in entry.parts() for name in slots(parts) if name in named]
    return frozenset().union(*(entry.dimensions for entry in reached))


_FILLERS = (
    "people", "cities", "professions", "nouns", "sizes", "colours", "materials", "numbers", "verbs", "organisations",
    "places", "days", "times",
)  # fmt: skip


def _modified(thing: Thing) -> tuple[str, ...]:
    """The features that say which adjectives a thing has."""
    found = [f"has_{name}" for name in ADJECTIVES if getattr(thing, name)]
    return (*found, "modified") if found else ()


class _Said(NamedTuple):
    """Words already found."""

    words: list[Token]


def _part_of(word: Token, part: str) -> Token:
    return word if word.part else word._replace(part=part)


def _labelled(words: list[Token], entity: str) -> list[Token]:
    """The words of a name: the first begins the entity, the others are inside it."""
    return [word._replace(entity=f"{'I' if index else 'B'}-{entity}", part=entity) for index, word in enumerate(words)]
