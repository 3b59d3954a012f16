"""Inference about who did what: two people did the same to the same kind of thing, and the facts are mixed up.

Every word of a hypothesis occurs in its premise, and how many of the two clauses tell a quality is the same for all
three labels: only which words go together decides. The plain half of micro_nli; ``nli`` is the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import TypeVar

from xstilts.microworld import parts, scenes
from xstilts.microworld.meaning import ADJECTIVES, ADJUNCTS, Clause, Person, Text, Thing, Word
from xstilts.microworld.sets.pairs import Item, doers
from xstilts.microworld.truth import LABELS, judge

T = TypeVar("T")
Shape = tuple[object, ...]


def make(random: Random, split: str, count: int) -> list[list[Item]]:
    """``count`` threes of a split: items of one premise, one of each label."""
    groups: list[list[Item]] = []
    seen: set[Text] = set()
    while len(groups) < count:
        told = _premise(random, split)
        premise = Text("and", told)
        found = _three(random, told)
        if premise not in seen and found:
            seen.add(premise)
            groups.append([Item(premise, hypothesis, label) for label, hypothesis in found.items()])
    return groups


def _premise(random: Random, split: str) -> tuple[Clause, Clause]:
    while True:
        first = parts.draw(random, scenes.event, split)
        thing, verb = first.role("object"), first.role("verb")
        assert isinstance(thing, Thing)
        assert isinstance(verb, Word)
        others = [one for one in doers("event", verb.name, thing.noun, split) if one != first.role("agent")]
        if others:  # somebody else who does this to such a thing in this split
            second = scenes.event(random, agent=scenes.pick(random, others))
            return first, second.replace(object=scenes.thing(random, (thing.noun,)), verb=verb)


def _three(random: Random, told: tuple[Clause, Clause]) -> dict[str, Clause]:
    """A hypothesis of each label, all of one shape; empty where the premise has no such three."""
    shapes: dict[Shape, dict[str, Clause]] = {}
    for hypothesis in _hypotheses(random, told):
        shapes.setdefault(_shape(told, hypothesis), {}).setdefault(judge(told, hypothesis), hypothesis)
    whole = [found for found in shapes.values() if len(found) == len(LABELS)]
    return {label: found[label] for found in [scenes.pick(random, whole)] for label in LABELS} if whole else {}


def _hypotheses(random: Random, told: tuple[Clause, Clause]) -> Iterator[Clause]:
    """Either person with some of the qualities of either."""
    for index, one in enumerate(told):
        for _ in range(8):
            yield _mixed(random, one, told[1 - index])


def _mixed(random: Random, one: Clause, other: Clause) -> Clause:
    mine, theirs = one.role("object"), other.role("object")
    assert isinstance(mine, Thing)
    assert isinstance(theirs, Thing)
    adjectives = {name: _either(random, getattr(mine, name), getattr(theirs, name)) or "" for name in ADJECTIVES}
    number = theirs.number if random.random() < 0.3 else mine.number
    thing = Thing(mine.noun, number, False, **adjectives)
    return one.replace(object=thing, **{role: _either(random, one.role(role), other.role(role)) for role in ADJUNCTS})


def _either(random: Random, mine: T, theirs: T) -> T | None:
    chance = random.random()
    return None if chance < 0.4 else theirs if chance < 0.6 else mine


def _shape(told: tuple[Clause, Clause], hypothesis: Clause) -> Shape:
    """Which qualities the hypothesis tells, and how many clauses of the premise tell each."""
    sorts = _sorts(hypothesis)
    return tuple((sort, sum(sort in _sorts(one) for one in told)) for sort in sorted(sorts))


def _sorts(one: Clause) -> set[str]:
    thing = one.role("object")
    assert isinstance(thing, Thing)
    assert isinstance(one.role("agent"), Person)
    return {role for role in ADJUNCTS if one.role(role)} | {name for name in ADJECTIVES if getattr(thing, name)}
