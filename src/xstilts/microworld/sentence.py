"""A sentence as it is written: tokens with tags, entities and roles, and the position of each in the text."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from xstilts.microworld.grammar import Grammar, Join
from xstilts.microworld.templates import Token

CLOSING = frozenset(".,?!:;)»”。、，？！」؟،।")
"""Marks that directly follow a word."""
OPENING = frozenset("¿¡(«“「")
"""Marks that directly precede a word."""
ENDING = frozenset(".?!。？！؟।")


class Spoken(NamedTuple):
    """A token with the clause and the role that it belongs to."""

    token: Token
    clause: int
    role: str


@dataclass(frozen=True)
class Sentence:
    """What was said, as text and as words.

    Attributes:
        text: as it is written.
        spoken: its words in order.
        offsets: (start, end) of each word in the text, in characters.
    """

    text: str
    spoken: tuple[Spoken, ...]
    offsets: tuple[tuple[int, int], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words as written."""
        return tuple(self.text[start:end] for start, end in self.offsets)

    @property
    def tags(self) -> tuple[str, ...]:
        """Each word's universal part-of-speech tag."""
        return tuple(spoken.token.tag for spoken in self.spoken)

    @property
    def entities(self) -> tuple[str, ...]:
        """Each word's BIO tag: ``B-PER``, ``I-ORG``, ``O`` …"""
        return tuple(spoken.token.entity or "O" for spoken in self.spoken)

    @functools.cached_property
    def spans(self) -> dict[tuple[int, str], tuple[int, int]]:
        """(clause, role) -> where the role's words are in the text; a role in two places is left out."""
        found: dict[tuple[int, str], list[int]] = {}
        for index, spoken in enumerate(self.spoken):
            if spoken.role:
                found.setdefault((spoken.clause, spoken.role), []).append(index)
        return {
            key: (self.offsets[words[0]][0], self.offsets[words[-1]][1])
            for key, words in found.items()
            if words[-1] - words[0] + 1 == len(words)
        }

    def part(self, clause: int, role: str, part: str) -> tuple[int, int] | None:
        """Where one part of a role is (the ``number`` of the ``object``), or None if it is not a separate word."""
        words = [
            index
            for index, (token, at, of) in enumerate(self.spoken)
            if at == clause and of == role and token.part == part
        ]
        if not words or words[-1] - words[0] + 1 != len(words):
            return None
        return self.offsets[words[0]][0], self.offsets[words[-1]][1]


def written(spoken: Sequence[Spoken], grammar: Grammar) -> Sentence:
    """Tokens as a text: joined words, spaces where the language has them, capitals at the start of sentences."""
    if grammar.joins:
        spoken = _joined(spoken, grammar)
    text = ""
    offsets = []
    tight = True  # no space before the next word
    fresh = grammar.capitals
    for word in spoken:
        token = word.token
        form = token.text
        if not (tight or token.glue & 1 or (form in CLOSING and form not in grammar.space_before)):
            text += " "
        if fresh and token.tag != "PUNCT":
            form, fresh = grammar.first_letters.get(form[0], form[0].upper()) + form[1:], False
        offsets.append((len(text), len(text) + len(form)))
        text += form
        tight = not grammar.spaces or token.glue >= 2 or form in OPENING
        fresh = fresh or (grammar.capitals and form in ENDING)
    return Sentence(text, tuple(spoken), tuple(offsets))


def _joined(spoken: Iterable[Spoken], grammar: Grammar) -> list[Spoken]:
    """Words changed by the word after them, from the right, so that a change sees the word after it."""
    out: list[Spoken] = []  # reversed
    for word in reversed(list(spoken)):
        rules = grammar.joins.get(word.token.text)
        rule = _fitting(rules, out[-1].token.text) if rules and out else None
        if rule is None:
            out.append(word)
            continue
        if rule.next:
            out.pop()
        glue = 2 if rule.glue else word.token.glue
        out.append(word._replace(token=word.token._replace(text=rule.becomes, glue=glue)))
    return out[::-1]


def _fitting(rules: tuple[Join, ...], following: str) -> Join | None:
    for rule in rules:
        if rule.next == following if rule.next else rule.before is not None and rule.before.match(following.lower()):
            return rule
    return None
