"""Sentences and their translations: to be found among all others, or mined out of text that has none for most."""

from __future__ import annotations

from random import Random

from xstilts.microworld import parts, scenes, world
from xstilts.microworld.meaning import ADJUNCTS, Clause, Text, Thing, in_order

Meaning = Clause | Text
HAPPEN = ("event", "give", "go", "act", *world.PREDICATES)
"""Kinds of clause that can be ordered in time."""


def make(split: str, count: int, *, seed: int, difficulty: float = 0.5) -> list[Meaning]:
    """Different meanings of a split.

    With ``difficulty`` above 0 most differ from an earlier one in one value alone (up to seven of eight at 1), and most
    that can have one have a twin: the same words, and who did what, where, when or in which order exchanged. The
    average of a sentence's words cannot tell twins apart.
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
        meaning: Meaning = one
        if random.random() < 0.5:
            form = scenes.pick(random, ("and", "first_then", "before_that"))
            if form == "and" or one.kind in HAPPEN:
                makes = scenes.any_clause if form == "and" else scenes.any_happening
                meaning = in_order(form, one, parts.draw(random, makes, split))
        found.setdefault(meaning)
        if random.random() < 2 * difficulty and (twin := _twin(random, meaning, split)) is not None:
            found.setdefault(twin)
    return list(found)[:count]


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


def _twin(random: Random, meaning: Meaning, split: str) -> Meaning | None:
    """The same words with another meaning; None where there is none of this split."""
    if isinstance(meaning, Clause):
        if meaning.kind != "give":
            return None
        return _of(split, meaning.replace(agent=meaning.role("recipient"), recipient=meaning.role("agent")))
    first, second = meaning.clauses
    options: list[Meaning] = [] if meaning.form == "and" else [Text(meaning.form, (second, first))]
    for role in ("agent", *ADJUNCTS):
        mine, theirs = first.role(role), second.role(role)
        if mine is None or theirs is None or mine == theirs or {first.kind, second.kind} & {"lives"}:
            continue
        before, after = _of(split, first.replace(**{role: theirs})), _of(split, second.replace(**{role: mine}))
        if before is not None and after is not None:
            options.append(Text(meaning.form, (before, after)))
    return scenes.pick(random, options) if options else None


def _of(split: str, one: Clause) -> Clause | None:
    """The clause if it is of the split, and nobody in it deals with themselves."""
    alone = one.role("agent") is None or one.role("agent") not in (one.role("recipient"), one.role("source"))
    return one if alone and parts.part(one) == split else None


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
