"""Inference that a look at the premise decides: what is repeated, contradicted, or not mentioned at all.

The words of either side alone tell nothing (each value, each sort of quality and each amount of them is as frequent
with every label); a word of the hypothesis that the premise does not have tells a part.
"""

from __future__ import annotations

from random import Random

from xstilts.microworld import parts, scenes
from xstilts.microworld.meaning import ADJECTIVES, ADJUNCTS, PASSIVE, Clause, Filler, Text, Thing
from xstilts.microworld.sets.pairs import Item, doers
from xstilts.microworld.truth import CONTRADICTION, ENTAILMENT, LABELS, NEUTRAL, converse, judge

_MAKERS: tuple[scenes.Maker, ...] = (scenes.event, scenes.event, scenes.transfer)
_OPPOSITE = {ENTAILMENT: CONTRADICTION, CONTRADICTION: ENTAILMENT, NEUTRAL: NEUTRAL}


def make(random: Random, split: str, count: int) -> list[list[Item]]:
    """``count`` threes of a split: items of one premise, one of each label."""
    groups: list[list[Item]] = []
    seen: set[Text] = set()
    while len(groups) < count:
        told = _premise(random, split)
        premise = Text("statement", told) if len(told) == 1 else Text("and", told)
        found = _three(random, told)
        if premise in seen or not found:
            continue
        seen.add(premise)
        groups.append([Item(premise, found[label], label) for label in LABELS])
    return groups


def _premise(random: Random, split: str) -> tuple[Clause, ...]:
    """One or two clauses, of other people and things."""
    first = parts.draw(random, scenes.pick(random, _MAKERS), split)
    if random.random() < 0.5:
        return (first,)
    while True:
        second = parts.draw(random, scenes.pick(random, _MAKERS), split)
        if not _people(first) & _people(second) and first.role("verb") != second.role("verb"):
            return (first, second)


def _people(one: Clause) -> set[Filler | None]:
    return {one.role(role) for role in ("agent", "recipient", "source")} - {None}


def _three(random: Random, told: tuple[Clause, ...]) -> dict[str, Clause]:
    """A hypothesis of each label with as many qualities; empty where the premise has no such three."""
    one = scenes.pick(random, told)
    known = _qualities(one)
    if len(known) < 2:
        return {}
    kept = random.sample(known, 1 + int(random.random() * len(known)))
    same = _only(one, kept)
    found = {ENTAILMENT: same, CONTRADICTION: _otherwise(random, same, kept), NEUTRAL: _open(random, one, same, kept)}
    if any(judge(told, hypothesis) != label for label, hypothesis in found.items()):
        return {}
    if random.random() < 0.3:
        found = {_OPPOSITE[label]: hypothesis.mark("neg") for label, hypothesis in found.items()}
    return {label: _put(random, hypothesis) for label, hypothesis in found.items()}


def _qualities(one: Clause) -> list[str]:
    thing = one.role("object")
    assert isinstance(thing, Thing)
    adjectives = [name for name in ADJECTIVES if getattr(thing, name)]
    return [role for role in ADJUNCTS if one.role(role) is not None] + adjectives


def _only(one: Clause, kept: list[str]) -> Clause:
    """The clause with these of its qualities."""
    thing = one.role("object")
    assert isinstance(thing, Thing)
    plain = thing._replace(**dict.fromkeys(set(ADJECTIVES) - set(kept), ""))  # type: ignore[arg-type]
    return one.replace(object=plain, **{role: one.role(role) if role in kept else None for role in ADJUNCTS})


def _with(one: Clause, name: str, value: Filler | str | int | None) -> Clause:
    if name in ADJUNCTS:
        return one.replace(**{name: value})  # type: ignore[arg-type]
    thing = one.role("object")
    assert isinstance(thing, Thing)
    return one.replace(object=thing._replace(**{name: value}))  # type: ignore[arg-type]


def _value(random: Random, one: Clause, name: str) -> Filler | str | int | None:
    """Any value that the clause's thing or the clause can have; empty where it can have none."""
    if name in ADJUNCTS:
        return scenes.adjuncts(random, 2.0)[name]
    thing = one.role("object")
    assert isinstance(thing, Thing)
    value: str | int = getattr(scenes.thing(random, (thing.noun,), adjectives=2.0), name)
    return value


def _otherwise(random: Random, same: Clause, kept: list[str]) -> Clause:
    """One of the qualities, or the number, changed."""
    name = scenes.pick(random, [*kept, "number"])
    return _with(same, name, _value(random, same, name))


def _open(random: Random, one: Clause, same: Clause, kept: list[str]) -> Clause:
    """Somebody else did it, or a quality that was not mentioned replaces one that was."""
    if random.random() < 0.4:
        verb, thing, agent = one.role("verb"), one.role("object"), one.role("agent")
        assert isinstance(thing, Thing)
        split = parts.part(one)
        others = [
            person
            for person in doers(one.kind, verb.name, thing.noun, split)  # type: ignore[union-attr]
            if person not in (agent, one.role("recipient"))
        ]
        return same.replace(agent=scenes.pick(random, others)) if others else same
    unknown = [name for name in (*ADJUNCTS, *ADJECTIVES) if name not in _qualities(one)]
    if not unknown:
        return same
    name = scenes.pick(random, unknown)
    fewer = _only(same, kept[1:])
    return _with(fewer, name, _value(random, fewer, name))


def _put(random: Random, one: Clause) -> Clause:
    """In the other voice or from the other side."""
    turned = converse(one)
    if turned is not None and random.random() < 0.3:
        return turned
    return one.mark("passive") if one.kind in PASSIVE and random.random() < 0.25 else one
