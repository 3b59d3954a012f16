"""Paraphrase against adversarial swaps: the same words, and the same meaning or not."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from xstilts.microworld import parts, scenes
from xstilts.microworld.meaning import Clause, Text, Thing
from xstilts.microworld.speaker import Speaker
from xstilts.microworld.truth import claim, converse

LABELS = ("different", "paraphrase")
_MAKERS: tuple[scenes.Maker, ...] = (scenes.event, scenes.transfer, scenes.transfer)
_ORDERED = ("first_then", "after_that", "before_that")


class Item(NamedTuple):
    """Two texts and whether they mean the same."""

    first: Text
    second: Text
    label: str


class Row(NamedTuple):
    """An item in words."""

    first: str
    second: str
    label: str


class _Told(NamedTuple):
    """Two clauses in the order in which they happened; ``ordered``: the order is told."""

    before: Clause
    after: Clause
    ordered: bool


def make(split: str, count: int, *, seed: int, difficulty: float = 0.5) -> list[Item]:
    """Items of a split, half of each label. ``difficulty``: how often the wording changes besides what is swapped."""
    random = Random(f"paraphrase {seed} {split}")
    items: list[Item] = []
    seen: set[Text] = set()
    while len(items) < count:
        label = LABELS[len(items) % 2]
        told = _told(random, split)
        other = told if label == "paraphrase" else _swapped(random, told)
        if other is None:
            continue
        first, second = _put(random, told, difficulty), _put(random, other, difficulty)
        if first == second or first in seen:
            continue
        seen.add(first)
        items.append(Item(first, second, label))
    random.shuffle(items)
    return items


def say(item: Item, speaker: Speaker) -> Row:
    """The item in a language."""
    return Row(speaker.say(item.first).text, speaker.say(item.second).text, item.label)


def _told(random: Random, split: str) -> _Told:
    make = scenes.pick(random, _MAKERS)
    before, after = parts.draw(random, make, split), parts.draw(random, make, split)
    return _Told(before, after, random.random() < 0.5)


def _put(random: Random, told: _Told, difficulty: float) -> Text:
    before, after = (_reworded(random, one, difficulty) for one in told[:2])
    if told.ordered:
        form = scenes.pick(random, _ORDERED)
        return Text(form, (after, before) if form == "before_that" else (before, after))
    return Text("and", (before, after) if random.random() < 0.5 else (after, before))


def _reworded(random: Random, one: Clause, difficulty: float) -> Clause:
    turned = converse(one) if random.random() < difficulty else None
    one = turned or one
    return one.mark("passive") if one.kind in ("event", "give") and random.random() < difficulty / 2 else one


def _swapped(random: Random, told: _Told) -> _Told | None:
    """The same words, differently put together; None where a swap changes nothing."""
    other = scenes.pick(random, _SWAPS)(told)
    if other is None or (claim(other.before), claim(other.after)) == (claim(told.before), claim(told.after)):
        return None
    alike = {claim(other.before), claim(other.after)} == {claim(told.before), claim(told.after)}
    return None if alike and not told.ordered else other


def _swap(role: str) -> Callable[[_Told], _Told | None]:
    def swap(told: _Told) -> _Told | None:
        mine, theirs = told.before.role(role), told.after.role(role)
        before, after = told.before.replace(**{role: theirs}), told.after.replace(**{role: mine})
        if mine is None or theirs is None or _impossible(before) or _impossible(after):
            return None
        return told._replace(before=before, after=after)

    return swap


def _impossible(one: Clause) -> bool:
    return one.role("agent") == one.role("recipient")


def _swap_within(told: _Told) -> _Told | None:
    one = told.before
    if one.kind != "give":
        return None
    return told._replace(before=one.replace(agent=one.role("recipient"), recipient=one.role("agent")))


def _swap_order(told: _Told) -> _Told | None:
    return told._replace(before=told.after, after=told.before) if told.ordered else None


def _swap_quality(told: _Told) -> _Told | None:
    """The numbers of both things change places."""
    mine, theirs = told.before.role("object"), told.after.role("object")
    if not isinstance(mine, Thing) or not isinstance(theirs, Thing):
        return None
    before = told.before.replace(object=mine._replace(number=theirs.number))
    return told._replace(before=before, after=told.after.replace(object=theirs._replace(number=mine.number)))


_SWAPS = (_swap("agent"), _swap("recipient"), _swap("place"), _swap("day"), _swap_within, _swap_order, _swap_quality)
