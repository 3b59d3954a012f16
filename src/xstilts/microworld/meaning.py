"""What can be said: meanings, in no language. All are plain tuples: hashable, fast, equal when they mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Person(NamedTuple):
    """Somebody with a name."""

    name: str


class Profession(NamedTuple):
    """Somebody known by a profession: the teacher."""

    name: str
    definite: bool = True


class Thing(NamedTuple):
    """Things or animals: two big red wooden boxes. ``number`` is 1 to 9; 1 is expressed by an article or not at all."""

    noun: str
    number: int = 1
    definite: bool = False
    size: str = ""
    colour: str = ""
    material: str = ""


class City(NamedTuple):
    """A city as a place; whether at it or to it is what the clause says."""

    name: str


class Place(NamedTuple):
    """A common place: the garden."""

    name: str


class Organisation(NamedTuple):
    """An organisation of a city: the Bank of Cairo."""

    name: str
    city: str


class Word(NamedTuple):
    """An entry of a section of the language file: a verb, a relation, a day, a time."""

    section: str
    name: str


Filler = Person | Profession | Thing | City | Place | Organisation | Word


class Clause(NamedTuple):
    """Who did what: a kind, its roles, and how it is put.

    Attributes:
        kind: ``event``, ``give``, ``receive``, ``go``, ``act``, ``located``, ``have``, ``is``, ``lives``, ``works``
            or a predicate's name.
        roles: role -> filler, in the order of ``ROLES``.
        marks: ``neg``, ``passive``, ``fronted`` or one question (``polar``, ``who``, ``what`` …).
    """

    kind: str
    roles: tuple[tuple[str, Filler], ...]
    marks: tuple[str, ...] = ()

    def role(self, name: str) -> Filler | None:
        """What fills a role, or None."""
        for role, filler in self.roles:
            if role == name:
                return filler
        return None

    def replace(self, **roles: Filler | None) -> Clause:
        """The clause with roles filled otherwise; None empties one."""
        held: dict[str, Any] = dict(self.roles) | roles
        return clause(self.kind, {name: value for name, value in held.items() if value is not None}, self.marks)

    def mark(self, *marks: str) -> Clause:
        """The clause put otherwise."""
        return Clause(self.kind, self.roles, tuple(sorted({*self.marks, *marks})))

    def unmark(self, *marks: str) -> Clause:
        """The clause without these marks."""
        return Clause(self.kind, self.roles, tuple(mark for mark in self.marks if mark not in marks))


ROLES = (
    "agent", "verb", "object", "recipient", "source", "relation", "ground", "profession", "organisation", "place",
    "day", "time",
)  # fmt: skip

KINDS: Mapping[str, tuple[str, ...]] = {
    "event": ("agent", "verb", "object", "place", "day", "time"),
    "give": ("agent", "verb", "object", "recipient", "place", "day", "time"),
    "receive": ("agent", "verb", "object", "source", "place", "day", "time"),
    "go": ("agent", "verb", "place", "day", "time"),
    "act": ("agent", "verb", "place", "day", "time"),
    "located": ("object", "relation", "ground"),
    "have": ("agent", "object"),
    "is": ("agent", "profession"),
    "lives": ("agent", "place"),
    "works": ("agent", "organisation"),
}
"""The kinds of clause and the roles that each may have; predicates have ``agent`` alone."""

QUESTIONS = ("polar", "who", "what", "whom", "where", "when", "howmany")
"""The marks of questions."""
PASSIVE = ("event", "give")
"""The kinds of clause that can put their object first."""
ADJUNCTS = ("place", "day", "time")
ADJECTIVES = ("size", "colour", "material")
"""The fields of a thing that say what it is like."""

ASKED: Mapping[str, Mapping[str, str]] = {
    "event": {"who": "agent", "what": "object", "where": "place", "when": "day", "howmany": "object"},
    "give": {
        "who": "agent",
        "what": "object",
        "whom": "recipient",
        "where": "place",
        "when": "day",
        "howmany": "object",
    },
    "receive": {"who": "agent", "what": "object", "whom": "source", "where": "place", "when": "day"},
    "go": {"who": "agent", "where": "place", "when": "day"},
    "act": {"who": "agent", "where": "place", "when": "day"},
    "located": {"what": "object", "where": "ground", "howmany": "object"},
    "have": {"who": "agent", "what": "object", "howmany": "object"},
    "is": {"who": "agent", "what": "profession"},
    "lives": {"who": "agent", "where": "place"},
    "works": {"who": "agent", "where": "organisation"},
}
"""The questions of each kind, and the role that each asks for; every kind can also be asked ``polar`` (yes or no)."""


def clause(kind: str, roles: Mapping[str, Filler], marks: tuple[str, ...] = ()) -> Clause:
    """A clause with its roles in canonical order."""
    return Clause(kind, tuple((role, roles[role]) for role in ROLES if role in roles), tuple(sorted(marks)))


class Text(NamedTuple):
    """Clauses put together: ``statement``, ``question``, ``and``, ``first_then``, ``before_that``, ``now``."""

    form: str
    clauses: tuple[Clause, ...]


def in_order(form: str, before: Clause, after: Clause) -> Text:
    """Two clauses in the order in which they happened, as a form puts them."""
    return Text(form, (after, before) if form == "before_that" else (before, after))


FORMS: Mapping[str, tuple[str, ...]] = {
    "statement": ("clause",),
    "question": ("clause",),
    "and": ("first", "second"),
    "first_then": ("first", "second"),
    "before_that": ("first", "second"),
    "after_that": ("first", "second"),
    "now": ("clause",),
}
"""The forms of text and the slots of each. ``before_that``: the second clause happened before the first."""
