"""What follows from the given facts: the labels of inference, decided by meaning alone.

An event is *the same* when its verb (or the converse verb), its people and the noun of its object are the same; a dog
is also an animal. Within the same event, a quality that differs (number, size, colour, material, place, day, time)
contradicts; one that was not mentioned is open. What was negated with some qualities is negated with more of them.
Numbers are exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from xstilts.microworld import world
from xstilts.microworld.meaning import ADJECTIVES, Clause, Profession, Thing, Word, clause

ENTAILMENT, NEUTRAL, CONTRADICTION = "entailment", "neutral", "contradiction"
LABELS = (ENTAILMENT, NEUTRAL, CONTRADICTION)
_OPPOSITE = {ENTAILMENT: CONTRADICTION, CONTRADICTION: ENTAILMENT, NEUTRAL: NEUTRAL}
_SPOKEN = {give: (receive, "recipient") for give, receive in world.CONVERSE_VERB.items()}
_BACK = {receive: give for give, receive in world.CONVERSE_VERB.items()}


class Claim(NamedTuple):
    """What a clause claims, however it is put.

    Attributes:
        who: verb or kind, and everybody who takes part: what makes it this event.
        noun: of its object; empty where it has none.
        qualities: the rest, as (name, value) pairs.
    """

    who: tuple[str, ...]
    noun: str
    qualities: frozenset[tuple[str, str]]


@lru_cache(maxsize=1 << 14)
def claim(told: Clause) -> Claim:
    """The claim of a clause, voice and converse verbs undone; negation is not part of it."""
    plain = _undone(told.unmark("neg", "passive", "fronted"))
    thing = plain.role("object")
    qualities: set[tuple[str, str]] = set()
    if isinstance(thing, Thing):
        qualities.add(("number", str(thing.number)))
        qualities.update((name, value) for name, value in zip(ADJECTIVES, thing[3:], strict=True) if value)
    who = [plain.kind]
    for role, filler in plain.roles:
        if role in ("agent", "recipient", "verb"):
            who.append(f"{role}:{filler.name if isinstance(filler, Word | Profession) else filler[0]}")
        elif role not in ("object", "relation", "ground"):
            qualities.add((role, repr(tuple(filler))))
    relation, ground = plain.role("relation"), plain.role("ground")
    if isinstance(relation, Word) and isinstance(ground, Thing):
        qualities.add(("position", f"{relation.name} {ground.noun}"))
    return Claim(tuple(who), thing.noun if isinstance(thing, Thing) else "", frozenset(qualities))


def judge(told: Iterable[Clause], asked: Clause) -> str:
    """Whether the given facts entail a clause, contradict it or leave it open.

    What one fact says is so is so, whatever others say of events like it: who bought a cup on Monday and three on
    Tuesday has bought three.
    """
    wanted = claim(asked)
    verdicts = {(_denied if "neg" in fact.marks else _told)(claim(fact), wanted) for fact in told}
    found = next((verdict for verdict in (ENTAILMENT, CONTRADICTION) if verdict in verdicts), NEUTRAL)
    return _OPPOSITE[found] if "neg" in asked.marks else found


def converse(told: Clause) -> Clause | None:
    """The same from the other side: who gave, who received; None where there is no other verb."""
    action = told.role("verb")
    if not isinstance(action, Word) or not (action.name in _SPOKEN or action.name in _BACK):
        return None
    if told.kind == "give":
        roles = {"agent": told.role("recipient"), "source": told.role("agent"), "verb": _SPOKEN[action.name][0]}
        kind = "receive"
    else:
        roles = {"agent": told.role("source"), "recipient": told.role("agent"), "verb": _BACK[action.name]}
        kind = "give"
    kept = {role: filler for role, filler in told.roles if role not in ("agent", "recipient", "source", "verb")}
    turned = {**kept, **roles, "verb": Word("verbs", str(roles["verb"]))}
    return clause(kind, turned, tuple(mark for mark in told.marks if mark == "neg"))  # type: ignore[arg-type]


def _undone(told: Clause) -> Clause:
    turned = converse(told) if told.kind == "receive" else None
    return turned or told


def _told(fact: Claim, wanted: Claim) -> str:
    """What a fact says of a claim."""
    if fact.who != wanted.who or not _same_noun(fact.noun, wanted.noun):
        return NEUTRAL
    known = dict(fact.qualities)
    if any(known.get(name, value) != value for name, value in wanted.qualities):
        return CONTRADICTION
    if any(name not in known for name, _ in wanted.qualities):
        return NEUTRAL
    return ENTAILMENT if _is_a(fact.noun, wanted.noun) else NEUTRAL


def _denied(fact: Claim, wanted: Claim) -> str:
    """What a denied fact says of a claim: contradicted if the claim would imply the fact."""
    implied = _is_a(wanted.noun, fact.noun) and fact.qualities <= wanted.qualities
    return CONTRADICTION if fact.who == wanted.who and implied else NEUTRAL


def _is_a(noun: str, kind: str) -> bool:
    return noun == kind or world.HYPERNYM.get(noun) == kind


def _same_noun(one: str, other: str) -> bool:
    return _is_a(one, other) or _is_a(other, one)
