"""A meaning becomes a sentence: the slots of its clauses are filled, features flow down, words meet."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

from xstilts.microworld import world
from xstilts.microworld.entry import Vector, merge
from xstilts.microworld.grammar import Grammar, load
from xstilts.microworld.meaning import ADJUNCTS, FORMS, QUESTIONS, Clause, Filler, Text, Word
from xstilts.microworld.phrases import Pairs, Phrases
from xstilts.microworld.sentence import Sentence, Spoken, written
from xstilts.microworld.templates import Part, Slot, Token


class _Opened(NamedTuple):
    """A clause before its roles are filled: what it consists of, and its features."""

    parts: tuple[Part, ...]
    features: Vector


class Speaker:
    """Speaks one language. What it has said once it remembers: a clause costs a few dictionary look-ups a phrase."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self._phrases = Phrases(grammar)
        self._opened: dict[tuple[str, tuple[str, ...], tuple[str, ...], Filler | None, Pairs], _Opened] = {}

    def say(self, meaning: Clause | Text) -> Sentence:
        """A sentence; a bare clause is expressed as a statement, or as a question if it is one.

        Raises:
            ConfigError: the language file has no form for what is to be said; names the entry.
        """
        text = meaning if isinstance(meaning, Text) else Text(_form(meaning), (meaning,))
        entry = self.grammar.entries["texts"][text.form]
        slots = dict(zip(FORMS[text.form], enumerate(text.clauses), strict=True))
        spoken: list[Spoken] = []
        features = self.grammar.features.none
        if text.form == "question":
            features = merge(features, self._phrases.pairs(text.clauses[0].marks))
        for part in self._phrases.choose(entry, features):
            if isinstance(part, Slot) and part.name in slots:
                index, clause = slots[part.name]
                spoken.extend(self._clause(clause, index, part.sets))
            elif isinstance(part, Slot):  # a word of the language file
                self._slot(part, features, {}, 0, spoken)
            elif isinstance(part, Token):
                spoken.append(Spoken(part, 0, ""))
        return written(spoken, self.grammar)

    def _clause(self, clause: Clause, index: int, sets: Pairs) -> list[Spoken]:
        roles = dict(clause.roles)
        verb = roles.get("verb")
        key = (clause.kind, clause.marks, tuple(roles), verb, sets)
        if (opened := self._opened.get(key)) is None:
            opened = self._opened[key] = self._open(clause, verb, sets)
        spoken: list[Spoken] = []
        self._run(opened.parts, opened.features, roles, index, spoken)
        return spoken

    def _open(self, clause: Clause, verb: Filler | None, sets: Pairs) -> _Opened:
        """How a clause with this verb, these marks and these roles is expressed, for any fillers."""
        section = "clauses" if clause.kind in self.grammar.entries["clauses"] else "predicates"
        entry = self.grammar.entries[section][clause.kind]
        direction = "to" if isinstance(verb, Word) and verb.name in world.TO_A_GOAL else "at"
        said = tuple(f"has_{role}" for role in ADJUNCTS if clause.role(role) is not None)
        features = merge(self.grammar.features.none, self._phrases.pairs((*clause.marks, direction, *said)) + sets)
        if verb is not None:
            features = merge(features, self._phrases.exposed(verb).items())
        features = merge(features, entry.inherent)
        return _Opened(self._phrases.choose(entry, features), features)

    def _run(
        self, parts: tuple[Part, ...], features: Vector, roles: Mapping[str, Filler], index: int, out: list[Spoken]
    ) -> bool:
        """Appends what the parts say; False if a slot among them was empty."""
        full = True
        for part in parts:
            if isinstance(part, Token):
                out.append(Spoken(part, index, ""))
            elif isinstance(part, Slot):
                full &= self._slot(part, features, roles, index, out)
            else:
                inner: list[Spoken] = []
                if self._run(part.parts, features, roles, index, inner):
                    out.extend(inner)
        return full

    def _slot(self, slot: Slot, features: Vector, roles: Mapping[str, Filler], index: int, out: list[Spoken]) -> bool:
        pairs = slot.sets + self._copied(slot, roles) if slot.copies else slot.sets
        filler = roles.get(slot.name)
        if filler is not None and not (isinstance(filler, Word) and filler.section == "relations"):
            out.extend(self._phrases.fill(filler, features, pairs, index, slot.name))
            return True
        # a relation, a word or a phrase of the language file: its slots are roles of the clause
        entry = self._phrases.entry(filler) if filler is not None else self._phrases.named(slot.name)
        if entry is None:
            return False
        inner = merge(merge(features, entry.inherent), pairs)
        return self._run(self._phrases.choose(entry, inner), inner, roles, index, out)

    def _copied(self, slot: Slot, roles: Mapping[str, Filler]) -> Pairs:
        pairs = []
        for role, dimension in slot.copies:
            filler = roles.get(role)
            if filler is not None and (value := self._phrases.exposed(filler).get(dimension)):
                pairs.append((dimension, value))
        return tuple(pairs)


def _form(clause: Clause) -> str:
    return "statement" if set(QUESTIONS).isdisjoint(clause.marks) else "question"


@functools.cache
def speaker(language: str) -> Speaker:
    """The speaker of a language, read once per process."""
    return Speaker(load(language))
