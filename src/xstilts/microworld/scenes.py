"""What happens in the world: clauses drawn at random, every choice a function of the generator handed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from xstilts.microworld import world
from xstilts.microworld.meaning import (
    City,
    Clause,
    Filler,
    Organisation,
    Person,
    Place,
    Profession,
    Thing,
    Word,
    clause,
)

T = TypeVar("T")
Maker = Callable[[Random], Clause]


def pick(random: Random, items: Sequence[T]) -> T:
    """One of them; a third of the cost of ``random.choice``."""
    return items[int(random.random() * len(items))]


_PEOPLE = tuple(world.PEOPLE)
_MATERIALS_OF = {noun: tuple(m for m, nouns in world.MADE_OF.items() if noun in nouns) for noun in world.NOUNS}


def person(random: Random, *others: Person) -> Person:
    """Somebody who is none of the others."""
    while (found := Person(pick(random, _PEOPLE))) in others:
        pass
    return found


def thing(
    random: Random, nouns: Sequence[str], *, number: int = 0, adjectives: float = 0.5, definite: bool = False
) -> Thing:
    """Things of one of these nouns; each kind of adjective that the noun can take comes with half this chance.

    ``number`` 0: one in half of the cases, else two to nine.
    """
    noun = pick(random, nouns)
    count = number or (1 if random.random() < 0.5 else 2 + int(random.random() * 8))
    sizes = world.SIZES_OF.get(noun, world.SIZES)
    colours = world.COLOURS_OF.get(noun, world.COLOURS)
    materials = _MATERIALS_OF[noun]
    return Thing(
        noun,
        count,
        definite,
        pick(random, sizes) if random.random() < adjectives else "",
        pick(random, colours) if colours and random.random() < adjectives else "",
        pick(random, materials) if materials and random.random() < adjectives / 2 else "",
    )


def adjuncts(random: Random, chance: float, *, place: bool = True) -> dict[str, Filler]:
    """A place, a day and a time of day, each with this chance."""
    found: dict[str, Filler] = {}
    if place and random.random() < chance:
        found["place"] = where(random)
    if random.random() < chance:
        found["day"] = Word("days", pick(random, world.DAYS))
    if random.random() < chance / 2:
        found["time"] = Word("times", pick(random, world.TIMES))
    return found


def where(random: Random) -> City | Place:
    """A city or a common place."""
    if random.random() < 0.5:
        return City(pick(random, world.CITIES))
    return Place(pick(random, world.PLACES))


def verb(random: Random, kind: str) -> Word:
    """A verb of a kind of clause."""
    return Word("verbs", pick(random, world.VERBS[kind]))


def objects(verb: Word) -> Sequence[str]:
    """The nouns that can be its object."""
    if verb.name == "break":
        return world.BREAKABLE
    return world.THINGS if verb.name in world.OF_THINGS_ONLY else world.NOUNS[: -len(world.KINDS_OF)]


def event(random: Random, *, agent: Filler | None = None, chance: float = 0.5) -> Clause:
    """Somebody did something to something."""
    action = verb(random, "event")
    roles = {"agent": agent or person(random), "verb": action, "object": thing(random, objects(action))}
    return clause("event", roles | adjuncts(random, chance))


def transfer(random: Random, kind: str = "give", *, agent: Person | None = None, chance: float = 0.5) -> Clause:
    """Something went from one person to another: ``give`` or ``receive``."""
    giver = agent or person(random)
    action = verb(random, kind)
    roles: dict[str, Filler] = {"agent": giver, "verb": action, "object": thing(random, objects(action))}
    roles["recipient" if kind == "give" else "source"] = person(random, giver)
    return clause(kind, roles | adjuncts(random, chance))


def movement(random: Random, *, agent: Filler | None = None, chance: float = 0.5) -> Clause:
    """Somebody went somewhere."""
    roles = {"agent": agent or person(random), "verb": verb(random, "go"), "place": where(random)}
    return clause("go", roles | adjuncts(random, chance, place=False))


def activity(random: Random, *, agent: Filler | None = None, chance: float = 0.5) -> Clause:
    """Somebody did something by themselves."""
    return clause("act", {"agent": agent or person(random), "verb": verb(random, "act")} | adjuncts(random, chance))


def location(random: Random) -> Clause:
    """Things are somewhere about another thing."""
    relation = pick(random, world.RELATIONS)
    ground = thing(random, world.CONTAINERS if relation == "in" else world.GROUNDS, number=1, definite=True)
    located = thing(random, world.LOCATED)
    return clause("located", {"object": located, "relation": Word("relations", relation), "ground": ground})


def possession(random: Random, *, agent: Person | None = None) -> Clause:
    """Somebody has something."""
    return clause("have", {"agent": agent or person(random), "object": thing(random, objects(Word("verbs", "buy")))})


def occupation(random: Random, *, agent: Person | None = None) -> Clause:
    """Somebody is a teacher."""
    profession = Profession(pick(random, world.PROFESSIONS), definite=False)
    return clause("is", {"agent": agent or person(random), "profession": profession})


def home(random: Random, *, agent: Person | None = None) -> Clause:
    """Somebody lives in a city."""
    return clause("lives", {"agent": agent or person(random), "place": City(pick(random, world.CITIES))})


def employer(random: Random, *, agent: Person | None = None) -> Clause:
    """Somebody works for an organisation."""
    organisation = Organisation(pick(random, world.ORGANISATIONS), pick(random, world.CITIES))
    return clause("works", {"agent": agent or person(random), "organisation": organisation})


def predicate(random: Random, *, agent: Person | None = None) -> Clause:
    """One of the causes or effects."""
    return clause(pick(random, world.PREDICATES), {"agent": agent or person(random)})


ANY: tuple[Maker, ...] = (
    event, event, event, transfer, transfer, movement, activity, location, possession, occupation, home, employer,
    predicate,
)  # fmt: skip


def any_clause(random: Random) -> Clause:
    """A clause of any kind, events and transfers more often than others."""
    return pick(random, ANY)(random)


HAPPENINGS: tuple[Maker, ...] = (event, event, event, transfer, transfer, movement, activity, predicate)
"""What has a place in time: "before that" goes with these, not with where somebody lives."""


def any_happening(random: Random) -> Clause:
    """Something that happened."""
    return pick(random, HAPPENINGS)(random)
