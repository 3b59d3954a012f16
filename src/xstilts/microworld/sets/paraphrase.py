"""Paraphrase against adversarial swaps: the same words, and the same meaning or not."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from xstilts.microworld import parts, scenes
from xstilts.microworld.meaning import PASSIVE, Clause, Text, Thing, in_order
from xstilts.microworld.sets.pairs import Row
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


class _Told(NamedTuple):
    """Two clauses in the order in which they happened; ``ordered``: the order is given."""

    before: Clause
    after: Clause
    ordered: bool


class _Wording(NamedTuple):
    """How a text is worded: which clauses are from the other side or in the passive, and how they are joined."""

    turned: tuple[bool, bool]
    passive: tuple[bool, bool]
    form: str
    reverse: bool


def make(split: str, count: int, *, seed: int, difficulty: float = 0.5) -> list[Item]:
    """Items of a split, half of each label. ``difficulty``: how often the wording changes besides what is swapped.

    Both labels are drawn alike: the facts can be swapped, and the two wordings differ, whether a swap is made or
    not. So neither the words of a pair nor how they are put give its label away.
    """
    random = Random(f"paraphrase {seed} {split}")
    items: list[Item] = []
    seen: set[Text] = set()
    while len(items) < count:
        told, other = _pair(random, split)
        one, two = _wording(random, difficulty), _wording(random, difficulty)
        first = _put(told, one)
        if first in seen or first == _put(told, two):
            continue
        seen.add(first)
        label = LABELS[len(items) % 2]
        items.append(Item(first, _put(told if label == "paraphrase" else other, two), label))
    random.shuffle(items)
    return items


def say(item: Item, speaker: Speaker) -> Row:
    """The item in a language."""
    return Row(speaker.say(item.first).text, speaker.say(item.second).text, item.label)


def _pair(random: Random, split: str) -> tuple[_Told, _Told]:
    """The facts, and the same words in another combination; all swaps are equally frequent."""
    swap = scenes.pick(random, _SWAPS)
    while True:
        make = scenes.pick(random, _MAKERS)
        before, after = parts.draw(random, make, split), parts.draw(random, make, split)
        told = _Told(before, after, random.random() < 0.5)
        other = swap(told)
        if other is not None and _differ(told, other):
            return told, other


def _differ(told: _Told, other: _Told) -> bool:
    ours, theirs = (claim(told.before), claim(told.after)), (claim(other.before), claim(other.after))
    return ours != theirs if told.ordered else set(ours) != set(theirs)


def _wording(random: Random, difficulty: float) -> _Wording:
    first, second, third, fourth, fifth = (random.random() for _ in range(5))
    return _Wording(
        (first < difficulty, second < difficulty),
        (third < difficulty / 2, fourth < difficulty / 2),
        scenes.pick(random, _ORDERED),
        fifth < 0.5,
    )


def _put(told: _Told, wording: _Wording) -> Text:
    before, after = (
        _reworded(one, turned=turned, passive=passive)
        for one, turned, passive in zip(told[:2], wording.turned, wording.passive, strict=True)
    )
    if told.ordered:
        return in_order(wording.form, before, after)
    return Text("and", (after, before) if wording.reverse else (before, after))


def _reworded(one: Clause, *, turned: bool, passive: bool) -> Clause:
    one = (converse(one) if turned else None) or one
    return one.mark("passive") if passive and one.kind in PASSIVE else one


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
    """The numbers of both things change places; only of such as no language tells apart by the form of the noun."""
    mine, theirs = told.before.role("object"), told.after.role("object")
    if not isinstance(mine, Thing) or not isinstance(theirs, Thing) or not _alike(mine.number, theirs.number):
        return None
    before = told.before.replace(object=mine._replace(number=theirs.number))
    return told._replace(before=before, after=told.after.replace(object=theirs._replace(number=mine.number)))


def _alike(one: int, other: int) -> bool:
    """Russian counts 2 to 4 and 5 to 9 otherwise, Arabic has a dual."""
    return {one, other} <= {3, 4} or {one, other} <= {5, 6, 7, 8, 9}


_SWAPS = (_swap("agent"), _swap("recipient"), _swap("place"), _swap("day"), _swap_within, _swap_order, _swap_quality)
