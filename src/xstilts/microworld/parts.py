"""Which split what happens belongs to: decided by what happens itself, so no two splits ever share a scene."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from random import Random

from xstilts.microworld import scenes
from xstilts.microworld.meaning import Clause, Person, Profession, Text, Thing, Word
from xstilts.microworld.truth import converse

SPLITS = ("train", "dev", "test")
_DEV, _TEST = 70, 80
"""Out of a hundred: up to 70 train, 70 to 79 dev, the rest test."""


def part(clause: Clause) -> str:
    """The split of a clause: by its kind, who did it, the verb and to what; never by how it is put.

    Who received something is in the split of who gave it.
    """
    clause = converse(clause) or clause if clause.kind == "receive" else clause
    agent, verb, thing = clause.role("agent"), clause.role("verb"), clause.role("object") or clause.role("ground")
    return _part(
        verb.name if isinstance(verb, Word) else clause.kind,
        agent.name if isinstance(agent, Person | Profession) else "",
        thing.noun if isinstance(thing, Thing) else "",
    )


@lru_cache(maxsize=1 << 17)
def _part(kind: str, agent: str, noun: str) -> str:
    share = zlib.crc32(f"{kind} {agent} {noun}".encode()) % 100
    return "train" if share < _DEV else "dev" if share < _TEST else "test"


def draw(random: Random, make: Callable[[Random], Clause], split: str) -> Clause:
    """A clause of a split; what falls into another is drawn again."""
    while part(found := make(random)) != split:
        pass
    return found


def joined(random: Random, split: str) -> Text:
    """Two clauses of a split put together: in time only what happened in it."""
    form = scenes.pick(random, ("and", "first_then", "before_that", "after_that"))
    make = scenes.any_clause if form == "and" else scenes.any_happening
    return Text(form, (draw(random, make, split), draw(random, make, split)))
