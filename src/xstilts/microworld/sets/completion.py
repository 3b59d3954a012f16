"""Sentence completion: who has what in the end. Endings are filtered adversarially against a weak model.

HellaSwag's recipe (Zellers et al. 2019, arXiv 1905.07830, section 3): wrong endings are drawn in excess, a weak model
learns to tell right from wrong, and those that it takes for right are kept. The weak model here sees single words and
whether they occur in the context.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from random import Random
from typing import NamedTuple

from xstilts.microworld import parts, scenes, world
from xstilts.microworld.meaning import Clause, Filler, Person, Text, Thing, Word, clause
from xstilts.microworld.speaker import Speaker

CHOICES = 4
_EXCESS = 10
_ROUNDS = 2


class Item(NamedTuple):
    """What happened, and four endings of which ``label`` follows."""

    context: tuple[Clause, ...]
    endings: tuple[Text, ...]
    label: int


class Row(NamedTuple):
    """An item in words."""

    prompt: str
    choices: tuple[str, ...]
    label: int


class _Draft(NamedTuple):
    context: tuple[Clause, ...]
    right: Clause
    wrong: tuple[Clause, ...]


def make(split: str, count: int, *, seed: int, difficulty: float = 0.5) -> list[Item]:
    """Items of a split. ``difficulty``: the share of stories in which something changes hands twice."""
    random = Random(f"completion {seed} {split}")
    drafts: dict[tuple[Clause, ...], _Draft] = {}
    while len(drafts) < count:
        draft = _draft(random, split, difficulty)
        drafts.setdefault(draft.context, draft)
    return [_item(random, draft) for draft in _filtered(random, list(drafts.values()))]


def say(item: Item, speaker: Speaker) -> Row:
    """The item in a language."""
    prompt = speaker.grammar.gap.join(speaker.say(one).text for one in item.context)
    return Row(prompt, tuple(speaker.say(ending).text for ending in item.endings), item.label)


def _draft(random: Random, split: str, difficulty: float) -> _Draft:
    twice = random.random() < difficulty
    giver, taker, verb, noun = _beginning(random, split)
    if not twice:  # then nobody asks what the taker gave
        taker = scenes.person(random, giver)
    third = scenes.person(random, giver, taker)
    least = 1 + twice  # that taker gets, to have some left
    thing = scenes.thing(random, (noun,), number=least + 1 + int(random.random() * (9 - least)))
    given = least + int(random.random() * (thing.number - least))
    story = [
        _event(random, "event", verb, giver, thing),
        _event(random, "give", "give", giver, _some(thing, given), recipient=taker),
    ]
    owns = {giver: thing.number - given, taker: given, third: 0}
    if twice:
        passed = 1 + int(random.random() * (given - 1))
        story.append(_event(random, "give", "give", taker, _some(thing, passed), recipient=third))
        owns[taker], owns[third] = given - passed, passed
    holders = [person for person, number in owns.items() if number]
    owner = scenes.pick(random, holders)
    right = _has(owner, _some(thing, owns[owner]))
    return _Draft(tuple(story), right, _wrong(random, owns, thing, right))


def _beginning(random: Random, split: str) -> tuple[Person, Person, str, str]:
    """Who gets what, and how, and somebody else: both may give of it, all in this split."""
    while True:
        noun = scenes.pick(random, scenes.objects(Word("verbs", "buy")))
        givers = _givers(noun, split)
        if len(givers) < 2:
            continue
        giver, verb = scenes.pick(random, givers), scenes.pick(random, ("buy", "find", "steal"))
        if parts.part(_did("event", verb, giver, Thing(noun))) == split:
            other = scenes.pick(random, [person for person in givers if person != giver])
            return giver, other, verb, noun


@cache
def _givers(noun: str, split: str) -> tuple[Person, ...]:
    """Everybody who gives such things in this split."""
    people = [Person(name) for name in world.PEOPLE]
    return tuple(one for one in people if parts.part(_did("give", "give", one, Thing(noun))) == split)


def _did(kind: str, verb: str, agent: Person, thing: Thing, **roles: Filler) -> Clause:
    return clause(kind, {"agent": agent, "verb": Word("verbs", verb), "object": thing, **roles})


def _event(random: Random, kind: str, verb: str, agent: Person, thing: Thing, **roles: Person) -> Clause:
    return _did(kind, verb, agent, thing, **roles, **scenes.adjuncts(random, 0.3))


def _some(thing: Thing, number: int) -> Thing:
    return thing._replace(number=number, size="", colour="", material="")


def _has(person: Person, thing: Thing) -> Clause:
    return clause("have", {"agent": person, "object": thing})


def _wrong(random: Random, owns: dict[Person, int], thing: Thing, right: Clause) -> tuple[Clause, ...]:
    """Endings that are not so: another number, another owner, another thing."""
    people = list(owns)
    numbers = sorted({1, thing.number, *owns.values()} - {0})
    found: dict[Clause, None] = {}
    while len(found) < _EXCESS:
        person = scenes.pick(random, people)
        number = scenes.pick(random, numbers) if random.random() < 0.6 else 1 + int(random.random() * 9)
        noun = thing.noun if random.random() < 0.9 else scenes.pick(random, world.OTHER_THINGS)
        ending = _has(person, Thing(noun, number))
        if ending != right and not (noun == thing.noun and owns[person] == number):
            found.setdefault(ending)
    return tuple(found)


def _item(random: Random, draft: _Draft) -> Item:
    endings = [draft.right, *draft.wrong]
    random.shuffle(endings)
    return Item(draft.context, tuple(Text("now", (ending,)) for ending in endings), endings.index(draft.right))


def _filtered(random: Random, drafts: list[_Draft]) -> list[_Draft]:
    """Each draft with the wrong endings that a model trained on the other half takes for right."""
    kept = [draft._replace(wrong=draft.wrong[: CHOICES - 1]) for draft in drafts]
    for _ in range(_ROUNDS):
        halves = [index % 2 for index in range(len(drafts))]
        models = [_weak(draft for draft, half in zip(kept, halves, strict=True) if half != side) for side in (0, 1)]
        kept = [
            draft._replace(wrong=tuple(_hardest(draft, models[half])))
            for draft, half in zip(drafts, halves, strict=True)
        ]
    return kept


def _hardest(draft: _Draft, weights: dict[str, float]) -> list[Clause]:
    return sorted(draft.wrong, key=lambda ending: -sum(weights[one] for one in _seen(draft.context, ending)))[
        : CHOICES - 1
    ]


def _weak(drafts: Iterable[_Draft]) -> dict[str, float]:
    """Naive Bayes: the log-odds of each feature between right and wrong endings."""
    right: dict[str, float] = defaultdict(lambda: 0.5)
    wrong: dict[str, float] = defaultdict(lambda: 0.5)
    for draft in drafts:
        for one in _seen(draft.context, draft.right):
            right[one] += CHOICES - 1
        for ending in draft.wrong:
            for one in _seen(draft.context, ending):
                wrong[one] += 1
    return defaultdict(float, {one: math.log(right[one] / wrong[one]) for one in {*right, *wrong}})


def _seen(context: tuple[Clause, ...], ending: Clause) -> list[str]:
    """What the weak model sees of an ending: number, whether number and noun occur in the context, who it is."""
    thing, person = ending.role("object"), ending.role("agent")
    assert isinstance(thing, Thing)
    told = [one.role("object") for one in context]
    people = [one.role(role) for one in context for role in ("agent", "recipient")]
    return [
        f"number {thing.number}",
        f"told number {any(isinstance(one, Thing) and one.number == thing.number for one in told)}",
        f"told noun {any(isinstance(one, Thing) and one.noun == thing.noun for one in told)}",
        f"told {sum(one == person for one in people)} of {len(people)}",
    ]
