"""Sentences and their translations: to be found among all others, or mined out of text that has none for most."""

from __future__ import annotations

from random import Random

from xstilts.microworld import parts, scenes
from xstilts.microworld.meaning import Clause, Text, Thing

Meaning = Clause | Text


def make(split: str, count: int, *, seed: int, difficulty: float = 0.5) -> list[Meaning]:
    """Different meanings of a split.

    With ``difficulty`` above 0 most differ from an earlier one in one value alone: up to seven of eight at 1.
    """
    random = Random(f"bitext {seed} {split}")
    found: dict[Meaning, None] = {}
    plain: list[Clause] = []
    while len(found) < count:
        if plain and random.random() < (7 * difficulty) / (1 + 7 * difficulty):
            one = _near(random, scenes.pick(random, plain), split)
        else:
            one = parts.draw(random, scenes.any_clause, split)
            plain.append(one)
        if random.random() < 0.15:
            found.setdefault(Text("and", (one, parts.draw(random, scenes.any_clause, split))))
        else:
            found.setdefault(one)
    return list(found)


def make_mining(
    split: str, count: int, *, seed: int, difficulty: float = 0.5, share: float = 0.3
) -> tuple[list[Meaning], list[Meaning], list[tuple[int, int]]]:
    """Two texts of ``count`` sentences each, of which ``share`` are translations: (left, right, gold positions)."""
    random = Random(f"mining {seed} {split}")
    common = round(count * share)
    pool = make(split, 2 * count - common, seed=seed + 1, difficulty=difficulty)
    random.shuffle(pool)
    left, right = pool[:count], pool[:common] + pool[count:]
    order_left, order_right = list(range(count)), list(range(count))
    random.shuffle(order_left)
    random.shuffle(order_right)
    place_left = {old: new for new, old in enumerate(order_left)}
    place_right = {old: new for new, old in enumerate(order_right)}
    gold = sorted((place_left[index], place_right[index]) for index in range(common))
    return [left[old] for old in order_left], [right[old] for old in order_right], gold


def _near(random: Random, one: Clause, split: str) -> Clause:
    """The clause with one value changed; itself where that would leave the split."""
    thing, agent = one.role("object"), one.role("agent")
    if isinstance(thing, Thing) and random.random() < 0.6:
        fresh = scenes.thing(random, (thing.noun,))
        return one.replace(object=fresh._replace(definite=thing.definite))
    if agent is None:
        return one
    changed = one.replace(agent=scenes.person(random, one.role("recipient"), one.role("source")))  # type: ignore[arg-type]
    return changed if parts.part(changed) == split else one
