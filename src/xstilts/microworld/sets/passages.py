"""Passages and what can be asked about them: extractive answers, yes or no, and the sentence that answers."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from xstilts.microworld import scenes, sheets, stories
from xstilts.microworld.meaning import ADJUNCTS, ASKED, Clause, Thing
from xstilts.microworld.sentence import Sentence
from xstilts.microworld.speaker import Speaker
from xstilts.microworld.truth import CONTRADICTION, ENTAILMENT, judge

YES_NO = ("no", "yes")


class Item(NamedTuple):
    """A passage, one clause a sentence; a question; the position of its answer.

    Attributes:
        passage: the clauses in order.
        question: asks for ``role`` of the clause at ``place``; of a yes/no question ``role`` is its answer.
    """

    passage: tuple[Clause, ...]
    question: Clause
    place: int
    role: str


class Row(NamedTuple):
    """A question in words: ``context[start:start + len(answer)] == answer``."""

    context: str
    question: str
    answer: str
    start: int


class Candidates(NamedTuple):
    """A question and the sentences of its passage, of which ``correct`` answers it."""

    question: str
    sentences: tuple[str, ...]
    correct: int


def make(split: str, count: int, *, seed: int, difficulty: float = 0.5) -> list[Item]:
    """Questions whose answer is a piece of the passage. ``difficulty``: how alike the passage's sentences are."""
    random = Random(f"passages {seed} {split}")
    found: dict[Item, None] = {}
    while len(found) < count:
        passage = stories.passage(random, split, difficulty, 4 + int(random.random() * 3))
        index = int(random.random() * len(passage))
        told = passage[index]
        roles = [q for q, role in ASKED[told.kind].items() if told.role(role) is not None and _askable(told, q)]
        if not roles:
            continue
        question = scenes.pick(random, roles)
        asked = sheets.ask(told.unmark("passive"), question)
        if _unique(passage, asked):
            found.setdefault(
                Item(passage, asked, index, "number" if question == "howmany" else ASKED[told.kind][question])
            )
    return list(found)


def make_yes_no(split: str, count: int, *, seed: int, difficulty: float = 0.5) -> list[Item]:
    """Questions that the passage answers with yes or no, half of each."""
    random = Random(f"yes or no {seed} {split}")
    found: dict[Item, None] = {}
    while len(found) < count:
        passage = stories.passage(random, split, difficulty, 4 + int(random.random() * 3))
        wanted = YES_NO[len(found) % 2]
        item = _yes_no(random, passage, wanted)
        if item is not None:
            found.setdefault(item)
    items = list(found)
    random.shuffle(items)
    return items


def say(item: Item, speaker: Speaker) -> Row:
    """The question in a language; the answer is the words of the role, as they are in the passage."""
    sentences = [speaker.say(one) for one in item.passage]
    context, starts = _joined(sentences, speaker)
    begin, end = _answer(sentences[item.place], item.role)
    text = sentences[item.place].text[begin:end]
    return Row(context, speaker.say(item.question).text, text, starts[item.place] + begin)


def say_yes_no(item: Item, speaker: Speaker) -> tuple[str, str, str]:
    """(passage, question, ``yes`` or ``no``)."""
    context, _ = _joined([speaker.say(one) for one in item.passage], speaker)
    return context, speaker.say(item.question).text, item.role


def say_candidates(item: Item, speaker: Speaker) -> Candidates:
    """The question and the sentences of its passage."""
    sentences = tuple(speaker.say(one).text for one in item.passage)
    return Candidates(speaker.say(item.question).text, sentences, item.place)


def _joined(sentences: list[Sentence], speaker: Speaker) -> tuple[str, list[int]]:
    text, starts = "", []
    for sentence in sentences:
        text += speaker.grammar.gap if text else ""
        starts.append(len(text))
        text += sentence.text
    return text, starts


def _answer(sentence: Sentence, role: str) -> tuple[int, int]:
    if role == "number":  # a dual has no word for two: then the things are the answer
        return sentence.part(0, "object", "number") or sentence.spans[0, "object"]
    return sentence.spans[0, role]


def _askable(told: Clause, question: str) -> bool:
    """How many is asked of more than one; where things are only if they are mentioned once."""
    thing = told.role("object")
    return question != "howmany" or (isinstance(thing, Thing) and thing.number > 1)


def _unique(passage: tuple[Clause, ...], asked: Clause) -> bool:
    """Exactly one clause is one that the question may be about."""
    return sum(_matches(one, asked) for one in passage) == 1


def _matches(one: Clause, asked: Clause) -> bool:
    if one.kind != asked.kind:
        return False
    for name, filler in asked.roles:
        mine = one.role(name)
        if isinstance(filler, Thing):
            if not isinstance(mine, Thing) or mine.noun != filler.noun:
                return False
            continue
        # what the clause does not say it may still be about
        if mine is not None and mine != filler:
            return False
    return True


def _yes_no(random: Random, passage: tuple[Clause, ...], wanted: str) -> Item | None:
    index = int(random.random() * len(passage))
    told = passage[index].unmark("passive")
    asked = _less(random, told)
    if wanted == "no":
        other = scenes.pick(random, passage)
        asked = _altered(random, asked, other)
    verdict = judge(passage, asked)
    if verdict != {"yes": ENTAILMENT, "no": CONTRADICTION}[wanted]:
        return None
    return Item(passage, asked.mark("polar"), index, wanted)


def _less(random: Random, told: Clause) -> Clause:
    extras = [role for role in ADJUNCTS if told.role(role) is not None and told.kind != "lives"]
    dropped = {role: None for role in extras if random.random() < 0.4 and (told.kind, role) != ("go", "place")}
    return told.replace(**dropped)


def _altered(random: Random, asked: Clause, other: Clause) -> Clause:
    """The question with a value of another sentence, or another value, in place of its own."""
    names = [name for name in ("place", "day", "time", "organisation", "profession") if asked.role(name) is not None]
    thing = asked.role("object")
    if isinstance(thing, Thing) and asked.kind != "located" and (not names or random.random() < 0.5):
        like = scenes.thing(random, (thing.noun,), adjectives=1.0)
        changes = {"number": like.number, **{n: getattr(like, n) for n in ("size", "colour") if getattr(thing, n)}}
        name = scenes.pick(random, list(changes))
        return asked.replace(object=thing._replace(**{name: changes[name]}))
    if not names:
        return asked
    name = scenes.pick(random, names)
    value = other.role(name) or scenes.adjuncts(random, 2.0).get(name)
    return asked.replace(**{name: value}) if value is not None else asked
