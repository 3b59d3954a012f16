"""The patterns that a language file writes: words with their tags, slots, and groups that may be left out.

- ``the/DET {noun pl}``: a tagged word, and a slot with the features that it asks for
- ``{verb past agent:number}``: the slot's ``number`` is the one of the clause's agent
- ``[{day} ,/PUNCT]``: left out where a slot inside has nothing to say
- ``l'/DET+ {noun}``: no space after; a leading ``+``: no space before
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

_UPOS = "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X"
TAGS = frozenset(_UPOS.split())
"""The universal part-of-speech tags."""

_PIECE = re.compile(r"\{([^{}]*)\}|\[|\]|[^\s\[\]{}]+|\s+|.")


class Token(NamedTuple):
    """One word: its text, universal tag, entity type, the slot that it came from, and where there is no space."""

    text: str
    tag: str
    entity: str = ""
    part: str = ""
    glue: int = 0
    """1: no space before; 2: no space after; 3: neither."""


@dataclass(frozen=True)
class Slot:
    """A place to fill: its name, the features set in it, and those copied from another role."""

    name: str
    sets: tuple[tuple[int, int], ...] = ()
    """(dimension, value) pairs."""
    copies: tuple[tuple[str, int], ...] = ()
    """(role, dimension) pairs."""


@dataclass(frozen=True)
class Group:
    """Parts that are kept or left out together."""

    parts: tuple[Part, ...]


Part = Token | Slot | Group


class Features:
    """The feature names of a language: ``pl`` is a value of the dimension ``number``."""

    def __init__(self, dimensions: dict[str, list[str]]) -> None:
        self.dimensions = {name: index for index, name in enumerate(dimensions)}
        self.values: dict[str, tuple[int, int]] = {}
        for index, (name, values) in enumerate(dimensions.items()):
            for number, value in enumerate(values, start=1):
                if value in self.values:
                    raise ValueError(f"feature {value!r} is named twice (the second time under {name!r})")
                self.values[value] = (index, number)
        self.none = (0,) * len(self.dimensions)

    def read(self, names: str) -> tuple[tuple[int, int], ...]:
        """Feature names, apart by spaces.

        Raises:
            ValueError: one that the language file does not declare.
        """
        for name in names.split():
            if name not in self.values:
                raise ValueError(f"unknown feature {name!r}; known: {', '.join(self.values)}")
        return tuple(self.values[name] for name in names.split())


def parse(text: str, tag: str, features: Features) -> tuple[Part, ...]:
    """A pattern, taken apart; words without a tag of their own have ``tag``.

    Raises:
        ValueError: unbalanced brackets, an unknown tag or feature, a word without a tag.
    """
    stack: list[list[Part]] = [[]]
    for match in _PIECE.finditer(text):
        piece = match[0]
        if match[1] is not None:
            stack[-1].append(_slot(match[1], features))
        elif piece == "[":
            stack.append([])
        elif piece == "]":
            if len(stack) == 1:
                raise ValueError(f"']' without '[' in {text!r}")
            parts = stack.pop()
            stack[-1].append(Group(tuple(parts)))
        elif piece in "{}":
            raise ValueError(f"a single {piece!r} in {text!r}")
        elif not piece.isspace():
            stack[-1].append(_word(piece, tag, text))
    if len(stack) > 1:
        raise ValueError(f"'[' without ']' in {text!r}")
    return tuple(stack[0])


def slots(parts: Iterable[Part]) -> Iterator[str]:
    """The names of all slots, those in groups included."""
    for part in parts:
        if isinstance(part, Slot):
            yield part.name
        elif isinstance(part, Group):
            yield from slots(part.parts)


def copied(parts: Iterable[Part]) -> Iterator[str]:
    """The names of all roles whose features are copied."""
    for part in parts:
        if isinstance(part, Slot):
            yield from (role for role, _ in part.copies)
        elif isinstance(part, Group):
            yield from copied(part.parts)


def _slot(text: str, features: Features) -> Slot:
    if not text.strip():
        raise ValueError("a slot without a name: {}")
    name, *wanted = text.split()
    sets: list[tuple[int, int]] = []
    copies: list[tuple[str, int]] = []
    for one in wanted:
        role, colon, dimension = one.partition(":")
        if not colon:
            sets.extend(features.read(one))
            continue
        if dimension not in features.dimensions:
            raise ValueError(f"unknown kind of feature {dimension!r}; known: {', '.join(features.dimensions)}")
        copies.append((role, features.dimensions[dimension]))
    return Slot(name, tuple(sets), tuple(copies))


def _word(piece: str, tag: str, text: str) -> Token:
    word, slash, own = piece.rpartition("/")
    if not slash or not word:
        word, own = piece, tag
    glue = 0
    if own.endswith("+"):
        own, glue = own[:-1], 2
    if len(word) > 1 and word.startswith("+"):
        word, glue = word[1:], glue + 1
    if len(word) > 1 and word.endswith("+"):
        word, glue = word[:-1], glue | 2
    if own not in TAGS:
        reason = f"unknown tag {own!r}" if own else "no tag"
        raise ValueError(f"{reason} for {word!r} in {text!r}; known tags: {', '.join(sorted(TAGS))}")
    return Token(word, own, glue=glue)
