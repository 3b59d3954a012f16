"""Cause and effect: which of two alternatives goes with the premise (as COPA asks)."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from xstilts.microworld import parts, scenes, world
from xstilts.microworld.meaning import Clause, Person, Text, clause
from xstilts.microworld.speaker import Speaker

CAUSE, EFFECT = "cause", "effect"
_CAUSE_OF = {effect: cause for cause, effect in world.CAUSES.items()}


class Item(NamedTuple):
    """A premise, what is asked for, two alternatives, and which is right."""

    premise: Clause | Text
    question: str
    choices: tuple[Clause, Clause]
    label: int


class Row(NamedTuple):
    """An item in words."""

    premise: str
    question: str
    choices: tuple[str, str]
    label: int


def make(split: str, count: int, *, seed: int, difficulty: float = 0.5) -> list[Item]:
    """Items of a split.

    ``difficulty`` is the share of premises about two people, where the wrong alternative differs from the right one
    only in whom it is about.
    """
    random = Random(f"copa {seed} {split}")
    found: dict[tuple[object, ...], Item] = {}
    while len(found) < count:
        item = _item(random, split, difficulty)
        found.setdefault((item.premise, item.question, frozenset(item.choices)), item)
    return list(found.values())


def say(item: Item, speaker: Speaker) -> Row:
    """The item in a language."""
    first, second = (speaker.say(choice).text for choice in item.choices)
    return Row(speaker.say(item.premise).text, item.question, (first, second), item.label)


def _item(random: Random, split: str, difficulty: float) -> Item:
    question = scenes.pick(random, (CAUSE, EFFECT))
    given = tuple(world.CAUSES if question == EFFECT else _CAUSE_OF)
    person = scenes.person(random)
    while True:  # what one of them did, in this split
        name = scenes.pick(random, given)
        premise = _did(person, name)
        if parts.part(premise) == split:
            break
        person = scenes.person(random)
    right = _did(person, world.CAUSES.get(name) or _CAUSE_OF[name])
    told: Clause | Text = premise
    if random.random() < difficulty:
        beside = parts.draw(
            random, lambda random: _did(scenes.person(random, person), _unrelated(random, name, question)), split
        )
        told = Text("and", (premise, beside) if random.random() < 0.5 else (beside, premise))
        wrong = beside._replace(kind=right.kind)
    else:
        wrong = _did(person, _wrong(random, name, question))
    label = int(random.random() * 2)
    return Item(told, question, (right, wrong) if label == 0 else (wrong, right), label)


def _did(person: Person, name: str) -> Clause:
    return clause(name, {"agent": person})


def _unrelated(random: Random, name: str, question: str) -> str:
    """Another cause (or effect) that does not go with the right alternative."""
    while True:
        other = scenes.pick(random, tuple(world.CAUSES if question == EFFECT else _CAUSE_OF))
        cause, effect = (other, world.CAUSES[name]) if question == EFFECT else (_CAUSE_OF[name], other)
        if other != name and not _plausible(cause, effect):
            return other


def _wrong(random: Random, name: str, question: str) -> str:
    """An effect that the cause does not have, or a cause that does not have the effect."""
    while True:
        other = scenes.pick(random, tuple(_CAUSE_OF if question == EFFECT else world.CAUSES))
        cause, effect = (name, other) if question == EFFECT else (other, name)
        if not _plausible(cause, effect):
            return other


def _plausible(cause: str, effect: str) -> bool:
    return world.CAUSES[cause] == effect or effect in world.ALSO_PLAUSIBLE.get(cause, ())
