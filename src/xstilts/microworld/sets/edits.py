"""How a clause becomes another one that may follow from it, contradict it, or say something else."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from xstilts.microworld import scenes, world
from xstilts.microworld.meaning import ADJUNCTS, Clause, Filler, Thing

Edit = Callable[[Random, Clause, Clause], Clause]
"""``edit(random, clause, other)`` changes one thing in a clause, perhaps into what the other clause says."""


def _negate(random: Random, one: Clause, other: Clause) -> Clause:
    return one.unmark("neg") if "neg" in one.marks else one.mark("neg")


def _drop(random: Random, one: Clause, other: Clause) -> Clause:
    """One thing said less."""
    thing = one.role("object")
    extras: list[tuple[str, Filler | None]] = [(role, None) for role in ADJUNCTS if one.role(role) is not None]
    if isinstance(thing, Thing):
        plain = (thing._replace(size=""), thing._replace(colour=""), thing._replace(material=""))
        extras += [("object", less) for less in plain if less != thing]
    return one.replace(**dict([scenes.pick(random, extras)])) if extras else one


def _alter(random: Random, one: Clause, other: Clause) -> Clause:
    """One quality changed or added: the other clause's where it has one, or any."""
    thing = one.role("object")
    theirs = other.role("object") if random.random() < 0.7 else None
    fresh = (
        scenes.thing(random, (thing.noun,), adjectives=1.0)
        if isinstance(thing, Thing) and thing.noun not in world.KINDS_OF
        else None
    )
    name = scenes.pick(random, ("number", "number", "size", "colour", "place", "day", "time"))
    if name in ADJUNCTS:
        return one.replace(**{name: other.role(name) or scenes.adjuncts(random, 2.0)[name]})
    source = theirs if isinstance(theirs, Thing) and getattr(theirs, name) else fresh
    if not isinstance(thing, Thing) or source is None or not _fits(thing, name, getattr(source, name)):
        return one
    return one.replace(object=thing._replace(**{name: getattr(source, name)}))


def _fits(thing: Thing, name: str, value: object) -> bool:
    if name == "colour":
        return value in world.COLOURS_OF.get(thing.noun, world.COLOURS) and thing.noun not in world.KINDS_OF
    if name == "size":
        return value in world.SIZES_OF.get(thing.noun, world.SIZES)
    return bool(value)


def _generalise(random: Random, one: Clause, other: Clause) -> Clause:
    """A dog as an animal, an animal as a dog."""
    thing = one.role("object")
    if not isinstance(thing, Thing):
        return one
    if thing.noun in world.HYPERNYM:
        return one.replace(object=thing._replace(noun=world.HYPERNYM[thing.noun]))
    if thing.noun in world.KINDS_OF:
        return one.replace(object=thing._replace(noun=scenes.pick(random, world.KINDS_OF[thing.noun])))
    return one


def _swap_people(random: Random, one: Clause, other: Clause) -> Clause:
    """Who gave and who received, or who of both clauses did it, mixed up."""
    if one.kind == "give" and random.random() < 0.5:
        return one.replace(agent=one.role("recipient"), recipient=one.role("agent"))
    if other.role("agent") != one.role("recipient"):
        return one.replace(agent=other.role("agent"))
    return one


EDITS: tuple[Edit, ...] = (_drop, _drop, _alter, _alter, _negate, _negate, _generalise, _swap_people)
"""The edits that hypotheses are made with, the frequent ones twice."""
