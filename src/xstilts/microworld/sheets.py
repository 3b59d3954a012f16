"""Sample sheets: what a careful reader of a language reads to find its mistakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from xstilts.microworld import scenes, world
from xstilts.microworld.meaning import ASKED, PASSIVE, Clause, Profession, Text, clause
from xstilts.microworld.sentence import Sentence
from xstilts.microworld.speaker import speaker

SOURCE = "eng-Latn"
_KINDS: dict[str, Callable[[Random], Clause]] = {
    "event": scenes.event,
    "give": scenes.transfer,
    "receive": lambda random: scenes.transfer(random, "receive"),
    "go": scenes.movement,
    "act": scenes.activity,
    "located": scenes.location,
    "have": scenes.possession,
    "is": scenes.occupation,
    "lives": scenes.home,
    "works": scenes.employer,
}


def variants(kind: str) -> Iterator[tuple[str, ...]]:
    """The marks with which a kind of clause is expressed."""
    yield from ((), ("neg",), ("fronted",), ("fronted", "neg"))
    if kind in PASSIVE:
        yield from (("passive",), ("neg", "passive"), ("fronted", "passive"))
    yield ("polar",)
    yield from ((question,) for question in ASKED[kind])


def ask(statement: Clause, question: str) -> Clause:
    """A question about a statement; what it asks for is left out, but for the things that ``howmany`` counts."""
    if question in ("polar", "howmany"):
        return statement.mark(question)
    asked = statement.replace(**{ASKED[statement.kind][question]: None}).mark(question)
    # "where are the cups" has no relation, "who is a teacher" keeps the profession
    return asked.replace(relation=None) if statement.kind == "located" and question == "where" else asked


def put(statement: Clause, marks: tuple[str, ...]) -> Clause | Text:
    """A statement under marks, as something that can be said alone: a question, or with ``now`` before it."""
    question = next((mark for mark in marks if mark in ("polar", *ASKED.get(statement.kind, ()))), None)
    if question is not None:
        return ask(statement, question)
    if "fronted" in marks:
        plain = statement.mark(*(mark for mark in marks if mark != "fronted"))
        return Text("first_then", (plain, plain))
    return statement.mark(*marks)


def sample(count: int, *, seed: int = 1) -> list[Clause | Text]:
    """Meanings that go once through every kind and variant, then every predicate and form of text, then at random."""
    random = Random(seed)
    found: list[Clause | Text] = [put(make(random), marks) for kind, make in _KINDS.items() for marks in variants(kind)]
    found += [clause(name, {"agent": scenes.person(random)}) for name in world.PREDICATES]
    found += [_teacher(random), Text("now", (scenes.location(random),)), Text("now", (scenes.possession(random),))]
    found.append(Text("and", (scenes.any_clause(random), scenes.any_clause(random))))
    found += [
        Text(form, (scenes.any_happening(random), scenes.any_happening(random)))
        for form in ("first_then", "before_that", "after_that")
    ]
    random.shuffle(found)
    while len(found) < count:
        found.append(scenes.any_clause(random))
    return found[:count]


def _teacher(random: Random) -> Clause:
    """A clause whose agent is known by a profession."""
    return scenes.event(random, agent=Profession(scenes.pick(random, world.PROFESSIONS)))


def rows(language: str, count: int, *, seed: int = 1) -> Iterator[tuple[Sentence, Sentence]]:
    """(English, the language) of ``count`` sample meanings."""
    english, other = speaker(SOURCE), speaker(language)
    for meaning in sample(count, seed=seed):
        yield english.say(meaning), other.say(meaning)
