"""Natural-language inference: does the premise entail the hypothesis, contradict it, or leave it open?

Every kind of difference between premise and hypothesis (a word that is new, a negation, another order) comes about
equally often with each label, so no word and no overlap gives a label away; what is told of whom does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from xstilts.microworld import parts, scenes, world
from xstilts.microworld.meaning import ADJECTIVES, ADJUNCTS, PASSIVE, Clause, Text, Thing, Word, in_order
from xstilts.microworld.sets import looked_up, mixed_up
from xstilts.microworld.sets.edits import EDITS
from xstilts.microworld.sets.pairs import Hypothesis, Item, Row, doers
from xstilts.microworld.speaker import Speaker
from xstilts.microworld.truth import CONTRADICTION, ENTAILMENT, LABELS, NEUTRAL, converse, judge

Shape = tuple[object, ...]
"""What a reader of single words could tell of a pair."""


def make(split: str, count: int, *, seed: int, difficulty: float = 0.5) -> list[Item]:
    """Items of a split, as many of each label.

    Args:
        split: train, dev or test; no scene is in two of them.
        count: of items.
        seed: all choices derive from it and the split.
        difficulty: 0 to 1: its square is the share of items in which a word that is new or gone tells nothing. In half
            of these who did what, where and when is mixed up; the others have denials, converse verbs, kinds of things
            and temporal order. In the rest a look at the premise decides (sets/looked_up.py).
    """
    random = Random(f"nli {seed} {split}")
    threes = -(-count // len(LABELS))
    mixed = round(threes * difficulty**2)
    hard = mixed // 2
    groups = _threes(random, split, hard)
    groups += mixed_up.make(random, split, mixed - hard)
    groups += looked_up.make(random, split, threes - mixed)
    random.shuffle(groups)
    return [item for group in groups for item in group][:count]


def say(item: Item, speaker: Speaker) -> Row:
    """The item in a language."""
    return Row(speaker.say(item.premise).text, speaker.say(item.hypothesis).text, item.label)


def _threes(random: Random, split: str, count: int) -> list[list[Item]]:
    """Threes of one shape, one of each label."""
    waiting: dict[Shape, dict[str, deque[Item]]] = {}
    groups: list[list[Item]] = []
    seen: set[object] = set()
    while len(groups) < count:
        told = _premise(random, split)
        premise = _spoken(random, told)
        if premise in seen:
            continue
        seen.add(premise)
        if (found := _together(random, told, premise, waiting)) is not None:
            groups.append(found)
    return groups


def _together(
    random: Random, told: _Told, premise: Text, waiting: dict[Shape, dict[str, deque[Item]]]
) -> list[Item] | None:
    """Three items of one shape, one of each label: all of this premise, or this one with two that waited for it."""
    shapes: dict[Shape, dict[str, Hypothesis]] = {}
    for hypothesis, label in _hypotheses(random, told):
        shapes.setdefault(_shape(told, hypothesis), {}).setdefault(label, hypothesis)
    whole = [shape for shape, labels in shapes.items() if len(labels) == len(LABELS)]
    if whole:
        chosen = shapes[scenes.pick(random, whole)]
        return [Item(premise, chosen[label], label) for label in LABELS]
    keys = [(shape, label) for shape, labels in shapes.items() for label in labels]
    if not keys:
        return None
    random.shuffle(keys)
    shape, label = min(keys, key=lambda key: _wanted(waiting.get(key[0]), key[1]))
    queues = waiting.setdefault(shape, {label: deque() for label in LABELS})
    queues[label].append(Item(premise, shapes[shape][label], label))
    return [queue.popleft() for queue in queues.values()] if all(queues.values()) else None


def _wanted(queues: dict[str, deque[Item]] | None, label: str) -> float:
    """Lower, the more this label is waited for: how many of it wait, against how many of the others."""
    if queues is None:
        return 0.5
    return len(queues[label]) - min(3, max(len(queues[other]) for other in LABELS if other != label))


class _Told(NamedTuple):
    """What a premise tells: two clauses, in the order in which they happened if that is told."""

    clauses: tuple[Clause, Clause]
    form: str


_MAKERS: tuple[scenes.Maker, ...] = (scenes.event, scenes.event, scenes.transfer)


def _drawn(random: Random, split: str) -> Clause:
    make = scenes.pick(random, _MAKERS)
    return parts.draw(random, lambda random: _hypernym(random, make(random)), split)


def _premise(random: Random, split: str) -> _Told:
    first = _denied(random, _drawn(random, split))
    second = _second(random, first, split)
    form = scenes.pick(random, ("and", "and", "first_then", "before_that", "after_that"))
    if form != "and":
        first, second = first.unmark("neg"), second.unmark("neg")
    return _Told((first, second), form)


def _second(random: Random, first: Clause, split: str) -> Clause:
    """Another clause, like the first in what could be mixed up: the same verb and noun, or the same kind."""
    make = scenes.event if first.kind == "event" else scenes.transfer
    others = {first.role("agent"), first.role("recipient")}
    if random.random() < 0.6:
        thing, verb = first.role("object"), first.role("verb")
        assert isinstance(thing, Thing)
        assert isinstance(verb, Word)
        people = [one for one in doers(first.kind, verb.name, thing.noun, split) if one not in others]
        if people:
            other = make(random, agent=scenes.pick(random, people))
            return _denied(random, other.replace(object=scenes.thing(random, (thing.noun,)), verb=verb))
    other = parts.draw(random, lambda random: make(random, agent=scenes.person(random, *others)), split)  # type: ignore[arg-type]
    return _denied(random, other)


def _denied(random: Random, told: Clause) -> Clause:
    return told.mark("neg") if random.random() < 0.3 else told


def _hypernym(random: Random, told: Clause) -> Clause:
    thing = told.role("object")
    if isinstance(thing, Thing) and thing.noun in world.HYPERNYM and random.random() < 0.3:
        return told.replace(object=thing._replace(noun=world.HYPERNYM[thing.noun], colour="", material=""))
    return told


def _spoken(random: Random, told: _Told) -> Text:
    before, after = (_voiced(random, one) for one in told.clauses)
    return in_order(told.form, before, after)


def _voiced(random: Random, one: Clause) -> Clause:
    return one.mark("passive") if one.kind in PASSIVE and random.random() < 0.25 else one


def _hypotheses(random: Random, told: _Told) -> Iterator[tuple[Hypothesis, str]]:
    """Candidates with their labels: each clause with a few edits, and the order of two."""
    for index, one in enumerate(told.clauses):
        other = told.clauses[1 - index]
        for _ in range(6):
            edited = one
            for _ in range(1 + int(random.random() * 3)):
                edited = scenes.pick(random, EDITS)(random, edited, other)
            if edited != one or random.random() < 0.1:
                yield _voiced(random, _turned(random, edited)), judge(told.clauses, edited)
    yield from _orders(random, told)


def _orders(random: Random, told: _Told) -> Iterator[tuple[Hypothesis, str]]:
    first, second = (one.unmark("passive") for one in told.clauses)
    if "neg" in first.marks or "neg" in second.marks:
        return
    for before, after in ((first, second), (second, first)):
        if random.random() < 0.5:
            before = scenes.pick(random, EDITS)(random, before, after)
        if random.random() < 0.3:
            after = scenes.pick(random, EDITS)(random, after, before)
        if "neg" in before.marks or "neg" in after.marks:
            continue
        label = _order_label(told, before, after)
        form = scenes.pick(random, ("first_then", "before_that", "after_that"))
        yield in_order(form, before, after), label


def _order_label(told: _Told, before: Clause, after: Clause) -> str:
    verdicts = {judge(told.clauses, before), judge(told.clauses, after)}
    if CONTRADICTION in verdicts or (told.form != "and" and _first(told, before) is False):
        return CONTRADICTION
    if NEUTRAL in verdicts or told.form == "and":
        return NEUTRAL
    return ENTAILMENT


def _first(told: _Told, one: Clause) -> bool | None:
    """Whether a clause tells of what happened first; None if of neither."""
    for index, fact in enumerate(told.clauses):
        if judge((fact,), one) != NEUTRAL:
            return index == 0
    return None


def _turned(random: Random, one: Clause) -> Clause:
    turned = converse(one)
    return turned if turned is not None and random.random() < 0.5 else one


def _shape(told: _Told, hypothesis: Hypothesis) -> Shape:
    """What a reader of words alone could see: negations, forms, how much is said, and what sorts of words are new."""
    clauses = hypothesis.clauses if isinstance(hypothesis, Text) else (hypothesis,)
    return (
        told.clauses[0].kind,
        told.form == "and",
        sum("neg" in one.marks for one in told.clauses),
        sum("neg" in one.marks for one in clauses),
        len(clauses),
        tuple(sorted(sort for sort, _ in _words(clauses) - _words(told.clauses))),
        min(5, sum(map(_details, told.clauses))),
        min(4, sum(map(_details, clauses))),
    )


def _words(clauses: tuple[Clause, ...]) -> set[tuple[str, str]]:
    return {atom for one in clauses for atom in _atoms(one)}


def _details(one: Clause) -> int:
    """How many qualities a clause tells, its number aside."""
    thing = one.role("object")
    return sum(role in ADJUNCTS for role, _ in one.roles) + (
        sum(map(bool, thing[3:])) if isinstance(thing, Thing) else 0
    )


def _atoms(one: Clause) -> set[tuple[str, str]]:
    """The words of a clause, by sort."""
    found: set[tuple[str, str]] = set()
    for role, filler in one.roles:
        if isinstance(filler, Thing):
            found.add(("noun" if filler.noun not in world.KINDS_OF else "kind", filler.noun))
            found.add(("number", str(filler.number)))
            found.update((n, getattr(filler, n)) for n in ADJECTIVES if getattr(filler, n))
        elif isinstance(filler, Word):
            verb = world.CONVERSE_VERB.get(filler.name, filler.name)
            found.add(("verb", verb) if filler.section == "verbs" else (filler.section, filler.name))
        else:
            found.add(("person" if role in ("agent", "recipient", "source") else role, filler[0]))
    return found
