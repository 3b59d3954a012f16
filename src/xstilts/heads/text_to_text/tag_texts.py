"""What tags look like as text, and what may be written: entities in their order, or a label after every mark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from xstilts.heads.text_to_text.automaton import Found, Place, Trie, trie, walk
from xstilts.heads.text_to_text.texts import Texts
from xstilts.metrics import schemes
from xstilts.metrics.spans import conlleval_spans

BETWEEN = "$$"
"""What mT5 writes between two entities."""


def is_spans(labels: Sequence[str]) -> bool:
    """Whether tags form typed spans."""
    return any(label.startswith("B-") for label in labels) or (scheme_of(labels) is not None and schemes.typed(labels))


def scheme_of(labels: Sequence[str]) -> schemes.Scheme | None:
    """The scheme of tags that form spans."""
    return schemes.recognised(labels)


def names(labels: Sequence[str]) -> list[str]:
    """The types of entities: first those with a tag that begins one, in the order of the labels."""
    begun = [label[2:] for label in labels if label.startswith("B-")]
    others = [schemes.split(label)[1] for label in labels if scheme_of(labels) and label != schemes.OUTSIDE]
    return list(dict.fromkeys([*begun, *others]))


def types(texts: Texts, labels: Sequence[str]) -> dict[str, list[int]]:
    """How each type of entity is announced, by the type."""
    known = names(labels)
    return dict(zip(known, texts.labels([f"{name}:" for name in known], opens=True), strict=True))


def between(texts: Texts) -> list[int]:
    """What stands between two entities, the space before the second included."""
    return texts.tokens([BETWEEN])[0] + (texts.first(texts.space) if texts.space else [])


def entities(
    tags: Sequence[str],
    words: Sequence[Sequence[int]],
    types: Mapping[str, Sequence[int]],
    between: Sequence[int],
    scheme: schemes.Scheme | None = None,
) -> list[int]:
    """``PER: rick $$ PER: morty`` in tokens: the spans of a sentence in its order, cut ones too."""
    written: list[int] = []
    known = schemes.as_bioes(tags, scheme) if scheme else tags
    for kind, first, last in sorted(conlleval_spans(known), key=lambda span: span[1:]):
        if kind in types:
            written += [*(between if written else ()), *types[kind]]
            written += [token for word in words[first : last + 1] for token in word]
    return written


@dataclass(frozen=True)
class Entities:
    """Any entities of a sentence, each behind the last; what is found are (type, first, last word) in one tuple.

    Places: before a type, within it, within a word, behind a word, within what stands between two entities.
    """

    words: Sequence[Sequence[int]]
    types: Sequence[Sequence[int]]
    between: Sequence[int]
    start: Place = ("type", 0, 0, None)

    @cached_property
    def longest(self) -> int:
        """Every word an entity of its own."""
        each = len(self.between) + max(map(len, self.types))
        return sum(len(word) + each for word in self.words) + 1

    @property
    def tokens(self) -> set[int]:
        """Those of the words, the types and what stands between two entities."""
        return set(self.between).union(*self.words, *self.types)

    def steps(self, place: Place, found: Found) -> Iterator[tuple[int, Place, Found]]:
        """What may come next."""
        if place[0] == "type":
            yield from self._of_type(place, found)
        elif place[0] == "word":
            _, word, at, kind, first = place
            yield self.words[word][at], self._in_word(word, at + 1, kind, first), found
        elif place[0] == "behind":
            _, word, kind, first = place
            following = self._next_word(word + 1)
            if following is not None:
                yield self.words[following][0], self._in_word(following, 1, kind, first), found
                yield self.between[0], self._between(1, word + 1), (*found, (kind, first, word))
        else:
            _, at, word = place
            yield self.between[at], self._between(at + 1, word), found

    def whole(self, place: Place, found: Found) -> Found | None:
        """None of them before the first, all of them behind a word."""
        if place[0] == "behind":
            _, word, kind, first = place
            return (*found, (kind, first, word))
        return found if place == self.start else None

    def _of_type(self, place: Place, found: Found) -> Iterator[tuple[int, Place, Found]]:
        _, at, word, kind = place
        for number, tokens in enumerate(self.types):
            if kind not in (None, number):
                continue
            if at < len(tokens):
                yield tokens[at], ("type", at + 1, word, number), found
            elif kind is not None:
                for first in range(word, len(self.words)):
                    if self.words[first]:
                        yield self.words[first][0], self._in_word(first, 1, number, first), found

    def _in_word(self, word: int, at: int, kind: int, first: int) -> Place:
        return ("word", word, at, kind, first) if at < len(self.words[word]) else ("behind", word, kind, first)

    def _between(self, at: int, word: int) -> Place:
        return ("between", at, word) if at < len(self.between) else ("type", 0, word, None)

    def _next_word(self, word: int) -> int | None:
        return next((place for place in range(word, len(self.words)) if self.words[place]), None)


@dataclass(frozen=True)
class Marked:
    """A label after every mark; what is found are the labels' numbers."""

    marks: Sequence[Sequence[int]]
    labels: Trie
    deepest: int
    pieces: frozenset[int]
    count: int = 0
    start: Place = ("mark", 0, 0)

    @classmethod
    def of(cls, marks: Sequence[Sequence[int]], labels: Sequence[Sequence[int]]) -> Marked:
        """For a set of labels in tokens."""
        return cls(marks, trie(labels), max(map(len, labels)), frozenset().union(*labels))

    def over(self, count: int) -> Marked:
        """For a row of ``count`` words."""
        return replace(self, count=count)

    @cached_property
    def longest(self) -> int:
        """Every label the longest."""
        return sum(len(mark) + self.deepest for mark in self.marks[: self.count]) + 1

    @property
    def tokens(self) -> frozenset[int]:
        """Those of the labels and of the row's marks."""
        return self.pieces.union(*self.marks[: self.count])

    def steps(self, place: Place, found: Found) -> Iterator[tuple[int, Place, Found]]:
        """The rest of the mark, the rest of a label, or the next mark behind a whole one."""
        kind, word, *rest = place
        if kind == "mark":
            (at,) = rest
            mark = self.marks[word]
            yield mark[at], (("mark", word, at + 1) if at + 1 < len(mark) else ("label", word)), found
            return
        for token, node in walk(self.labels, rest).items():
            if token is not None:
                yield token, ("label", word, *rest, token), found
            elif word + 1 < self.count:
                yield from self.steps(("mark", word + 1, 0), (*found, node))

    def whole(self, place: Place, found: Found) -> Found | None:
        """All labels, behind the last word's."""
        kind, word, *rest = place
        if kind != "label" or word + 1 != self.count:
            return None
        number = walk(self.labels, rest).get(None)
        return None if number is None else (*found, number)
