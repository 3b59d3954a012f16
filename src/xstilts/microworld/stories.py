"""Several sentences about the same people and things: passages, and stories in which something is repeated."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from xstilts.microworld import parts, scenes, world
from xstilts.microworld.meaning import ADJECTIVES, ADJUNCTS, PASSIVE, Clause, Filler, Person, Text, Thing, in_order
from xstilts.microworld.truth import ENTAILMENT, converse, judge

_MAKERS: tuple[scenes.Maker, ...] = (
    scenes.event, scenes.event, scenes.transfer, scenes.movement, scenes.home, scenes.employer, scenes.occupation,
    scenes.location,
)  # fmt: skip
_HAPPENINGS: tuple[scenes.Maker, ...] = (scenes.event, scenes.event, scenes.transfer, scenes.movement)


def passage(
    random: Random, split: str, difficulty: float, length: int, makers: tuple[scenes.Maker, ...] = _MAKERS
) -> tuple[Clause, ...]:
    """Clauses of a split; with ``difficulty`` a clause takes over people, verbs and things from an earlier one."""
    told: list[Clause] = []
    while len(told) < length:
        one = parts.draw(random, scenes.pick(random, makers), split)
        like = [other for other in told if other.kind == one.kind]
        if like and random.random() < difficulty:
            one = _likened(random, one, scenes.pick(random, like), split)
        elif told and random.random() < difficulty and isinstance(agent := told[-1].role("agent"), Person):
            moved = one.replace(agent=agent) if one.role("agent") and one.role("recipient") != agent else one
            one = moved if parts.part(moved) == split else one
        if one in (other.unmark("passive") for other in told):  # nothing is repeated
            continue
        told.append(one.mark("passive") if one.kind in PASSIVE and random.random() < 0.15 else one)
    return tuple(told)


def _likened(random: Random, one: Clause, other: Clause, split: str) -> Clause:
    """The clause with a role of another; only what leaves it in its split."""
    shared = [role for role, filler in other.roles if one.role(role) not in (None, filler) and role != "agent"]
    if not shared:
        return one
    role = scenes.pick(random, shared)
    changed = one.replace(**{role: other.role(role)})
    fits = changed.role("agent") != (changed.role("recipient") or changed.role("source"))
    verb, thing = changed.role("verb"), changed.role("object")
    if verb is not None and isinstance(thing, Thing) and thing.noun not in scenes.objects(verb):  # type: ignore[arg-type]
        return one
    return changed if fits and parts.part(changed) == split else one


def story(random: Random, split: str) -> list[Clause | Text]:
    """Two to four things happen, one or two of them are repeated: in other words, or with less detail."""
    told = passage(random, split, 0.7, 2 + int(random.random() * 3), _HAPPENINGS)
    again = random.sample(told, 1 + int(random.random() * 2))
    retold = [in_other_words(random, one) for one in again]
    if random.random() < 0.4:  # two things in the order in which they happened, later only what came first
        form = scenes.pick(random, ("first_then", "before_that", "after_that"))
        return [in_order(form, told[0], told[1]), *told[2:], *retold]
    if random.random() < 0.5:
        return [Text("and", told[:2]), *told[2:], *retold]
    return [*told, *retold]


def in_other_words(random: Random, told: Clause) -> Clause:
    """What follows from a clause: with less said, from the other side, as a kind of thing, or something else denied."""
    one = _less(random, told.unmark("passive"))
    chance = random.random()
    if chance < 0.25:
        other = _otherwise(random, one).mark("neg")
        one = other if judge((told,), other) == ENTAILMENT else one
    elif chance < 0.4:
        kind = _kind(one)
        one = kind if parts.part(kind) == parts.part(told) else one  # only a scene of its split
    turned = converse(one)
    if turned is not None and random.random() < 0.4:
        return turned
    return one.mark("passive") if one.kind in PASSIVE and random.random() < 0.3 else one


def _less(random: Random, told: Clause) -> Clause:
    """Without some of the details of place, day, time and the thing."""
    dropped: dict[str, Filler | None] = {
        role: None for role in ADJUNCTS if random.random() < 0.4 and (told.kind, role) != ("go", "place")
    }
    thing = told.role("object")
    if isinstance(thing, Thing):
        dropped["object"] = thing._replace(**dict.fromkeys(_some(random, ADJECTIVES), ""))  # type: ignore[arg-type]
    return told.replace(**dropped)


def _otherwise(random: Random, told: Clause) -> Clause:
    """With another number, colour, place or day."""
    thing = told.role("object")
    like = scenes.thing(random, (thing.noun,), adjectives=1.0) if isinstance(thing, Thing) else None
    changes: list[dict[str, Filler | None]] = [{role: filler} for role, filler in scenes.adjuncts(random, 2.0).items()]
    if isinstance(thing, Thing) and like is not None:
        changes += [{"object": thing._replace(**{name: getattr(like, name)})} for name in ("number", *ADJECTIVES[:2])]
    told_of = [change for change in changes if all(told.role(role) is not None for role in change)]
    return told.replace(**scenes.pick(random, told_of)) if told_of else told


def _some(random: Random, names: Sequence[str]) -> list[str]:
    return [name for name in names if random.random() < 0.4]


def _kind(told: Clause) -> Clause:
    """A dog as an animal."""
    thing = told.role("object")
    if not isinstance(thing, Thing) or thing.noun not in world.HYPERNYM:
        return told
    return told.replace(object=thing._replace(noun=world.HYPERNYM[thing.noun], colour="", material=""))
