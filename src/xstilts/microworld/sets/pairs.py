"""What both kinds of inference items are: a premise, a hypothesis, a label; and any labelled pair in words."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from xstilts.microworld import parts, world
from xstilts.microworld.meaning import Clause, Filler, Person, Text, Thing, Word, clause

Hypothesis = Clause | Text


class Item(NamedTuple):
    """A premise, a hypothesis and the label."""

    premise: Clause | Text
    hypothesis: Hypothesis
    label: str


class Row(NamedTuple):
    """A labelled pair in words."""

    first: str
    second: str
    label: str


@cache
def doers(kind: str, verb: str, noun: str, split: str) -> tuple[Person, ...]:
    """Everybody who does this to such a thing in this split."""
    roles: dict[str, Filler] = {"verb": Word("verbs", verb), "object": Thing(noun)}
    people = [Person(name) for name in world.PEOPLE]
    return tuple(one for one in people if parts.part(clause(kind, {"agent": one, **roles})) == split)
