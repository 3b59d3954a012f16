"""Sentences with a tag on every word: parts of speech, names, and what each word does in its clause."""

from __future__ import annotations

import itertools
from random import Random
from typing import NamedTuple

from xstilts.microworld import parts, scenes, sheets, world
from xstilts.microworld.meaning import ASKED, PASSIVE, ROLES, Clause, Text
from xstilts.microworld.sentence import Sentence
from xstilts.microworld.speaker import Speaker
from xstilts.microworld.templates import TAGS

POS = tuple(sorted(TAGS))
ENTITIES = ("O", *(f"{place}-{entity}" for entity in ("LOC", "ORG", "PER") for place in "BI"))
_VERBS = tuple(f"verb.{kind}{voice}" for kind in world.VERBS for voice in ("", ".passive"))
SUPERTAGS = tuple(
    f"{tag}/{role}" for tag, role in itertools.product(POS, ("-", *(r for r in ROLES if r != "verb"), *_VERBS))
)
"""Part of speech and role; of a verb also its kind of clause and voice: what a supertag says of a word's place."""


class Row(NamedTuple):
    """The words of a sentence and a tag for each."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]


def make(split: str, count: int, *, seed: int, difficulty: float = 0.5) -> list[Clause | Text]:
    """Sentences of a split. ``difficulty``: the share that are denied, turned round, asked or put together."""
    random = Random(f"tags {seed} {split}")
    found: dict[Clause | Text, None] = {}
    while len(found) < count:
        found.setdefault(_sentence(random, split, difficulty))
    return list(found)


def make_named(split: str, count: int, *, seed: int, difficulty: float = 0.5) -> list[Clause | Text]:
    """Sentences of a split that are rich in names."""
    random = Random(f"names {seed} {split}")
    found: dict[Clause | Text, None] = {}
    while len(found) < count:
        first = parts.draw(random, scenes.pick(random, _NAMED), split)
        if random.random() < difficulty:
            second = parts.draw(random, scenes.pick(random, _NAMED), split)
            found.setdefault(Text("and", (first, second)))
        else:
            found.setdefault(first)
    return list(found)


_NAMED: tuple[scenes.Maker, ...] = (
    scenes.event,
    scenes.transfer,
    scenes.movement,
    scenes.home,
    scenes.employer,
    scenes.employer,
)


def pos(meaning: Clause | Text, speaker: Speaker) -> Row:
    """Universal part-of-speech tags."""
    sentence = speaker.say(meaning)
    return Row(sentence.words, sentence.tags)


def entities(meaning: Clause | Text, speaker: Speaker) -> Row:
    """BIO tags of people, places and organisations."""
    sentence = speaker.say(meaning)
    return Row(sentence.words, sentence.entities)


def supertags(meaning: Clause | Text, speaker: Speaker) -> Row:
    """Part of speech with the word's role."""
    clauses = meaning.clauses if isinstance(meaning, Text) else (meaning,)
    sentence = speaker.say(meaning)
    return Row(sentence.words, tuple(_supertags(sentence, clauses)))


def _supertags(sentence: Sentence, clauses: tuple[Clause, ...]) -> list[str]:
    found = []
    for token, clause, role in sentence.spoken:
        if role == "verb":
            told = clauses[clause]
            role = f"verb.{told.kind}" + ".passive" * ("passive" in told.marks)
        found.append(f"{token.tag}/{role or '-'}")
    return found


def _sentence(random: Random, split: str, difficulty: float) -> Clause | Text:
    first = parts.draw(random, scenes.any_clause, split)
    if random.random() >= difficulty:
        return first
    options: list[Clause | Text] = [parts.joined(random, split)]
    if first.kind in ASKED:
        options.append(first.mark("neg"))
        asked = [q for q, role in ASKED[first.kind].items() if first.role(role) is not None]
        question = sheets.ask(first, scenes.pick(random, ("polar", *asked)))
        # "who danced" can be asked of a scene of any split: it is asked in its own
        options += [question] * (parts.part(question) == split)
    if first.kind in PASSIVE:
        options.append(first.mark("passive"))
    return scenes.pick(random, options)
