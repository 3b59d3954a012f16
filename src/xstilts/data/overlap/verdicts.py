"""Which examples of test sets occur in a training text, and by which of their fields."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from xstilts.data.overlap.index import MOST, Index
from xstilts.reading.examples import Example, spoken

_HASH = re.compile(r"[0-9a-f]{16,}")
P = TypeVar("P", bound=Hashable)
Texts = Callable[[], Iterable[str]]
"""Gives the texts of a training set, one after the other, as often as it is asked."""


class Found(NamedTuple):
    """An example of which something was found.

    Attributes:
        share: of its characters, that are covered.
        fields: those that were found, in their order; empty where none was found to so large a part.
        whole: whether they are all fields that are long enough to be looked for.
    """

    example_id: str
    share: float
    fields: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """What a training text has of one test set in one language.

    Attributes:
        examples: of the test set.
        characters: of them all, blanks and punctuation left out.
        shared: of these, that n-grams cover which the training text has as well.
        too_short: examples without any text that is long enough to be looked for.
        found: those of which something was found.
    """

    examples: int
    characters: int
    shared: int
    too_short: int
    found: tuple[Found, ...] = field(default=())

    @property
    def share(self) -> float:
        """Of the characters."""
        return self.shared / self.characters if self.characters else 0.0

    @property
    def whole(self) -> frozenset[str]:
        """The examples of which every field was found."""
        return frozenset(one.example_id for one in self.found if one.whole)

    @property
    def part(self) -> Mapping[str, tuple[str, ...]]:
        """The examples of which some fields were found and others were not, with those that were."""
        return {one.example_id: one.fields for one in self.found if one.fields and not one.whole}

    @property
    def seen(self) -> frozenset[str]:
        """Both."""
        return self.whole | self.part.keys()

    @property
    def by_field(self) -> Mapping[str, int]:
        """Which fields alone were found, and in how many examples: ``first`` is a premise without its hypothesis."""
        return dict(Counter(" and ".join(fields) for fields in self.part.values()).most_common())


class Item(NamedTuple):
    """What is looked for of an example: its id, and the text of each field."""

    example_id: str
    texts: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, example: Example) -> Item:
        """All that a model reads of an example."""
        return cls(example.example_id, tuple((name, text) for name, text, _ in spoken(example, "")))


class _Row(NamedTuple):
    """An item with the numbers of its texts."""

    example_id: str
    texts: tuple[tuple[str, int], ...]


def verdicts(tests: Mapping[P, Sequence[Item]], training: Texts) -> tuple[dict[P, Verdicts], int]:
    """What a training text has of several test sets, and how many characters it has.

    Args:
        tests: by name; of one language each.
        training: is read once for every 50 million characters of test sets.
    """
    numbers: dict[str, int] = {}
    rows = {
        place: [
            _Row(one.example_id, tuple((name, numbers.setdefault(text, len(numbers))) for name, text in one.texts))
            for one in items
        ]
        for place, items in tests.items()
    }
    found = [_searched(some, training) for some in _portions(list(numbers))]
    if not found:
        nothing = np.zeros(0)
        found = [(_Searched(nothing, nothing.astype(np.int64), nothing.astype(bool), nothing.astype(bool)), 0)]
    whole = _Searched(*(np.concatenate(parts) for parts in zip(*(one for one, _ in found), strict=True)))
    return {place: _judged(some, whole) for place, some in rows.items()}, found[0][1]


def linked(found: Mapping[P, tuple[frozenset[str], Verdicts]], *, parallel: bool) -> dict[P, frozenset[str]]:
    """The examples of each language that were found in another language only, under the same id.

    Args:
        found: language → the ids of its examples, and what was found.
        parallel: whether an id means the same in every language; otherwise only one that no two examples share by
            chance does, the hash of 16 or more digits that some sets (MLQA) give to what is parallel.
    """
    seen = frozenset().union(*(one.seen for _, one in found.values()))
    ids = seen if parallel else frozenset(name for name in seen if _HASH.fullmatch(name))
    return {place: (ids & own) - one.seen for place, (own, one) in found.items()}


def _portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many texts at a time as an index holds."""
    start = held = 0
    for place, text in enumerate(texts):
        if held and held + len(text) > MOST:
            yield texts[start:place]
            start, held = place, 0
        held += len(text)
    if start < len(texts):
        yield texts[start:]


class _Searched(NamedTuple):
    """Of T texts: the share that is covered, the length, whether it could be looked for, and whether it was found."""

    shares: NDArray[np.float64]
    lengths: NDArray[np.int64]
    long_enough: NDArray[np.bool_]
    found: NDArray[np.bool_]


def _searched(texts: Sequence[str], training: Texts) -> tuple[_Searched, int]:
    """What is found of some texts, and the characters of the training text."""
    index = Index(texts)
    characters = index.add(training())
    shares = index.shares()
    return _Searched(shares, index.lengths, index.long_enough, index.long_enough & (shares >= index.needed)), characters


def _judged(rows: Sequence[_Row], whole: _Searched) -> Verdicts:
    found: list[Found] = []
    characters = too_short = 0
    shared = 0.0
    for row in rows:
        every = [number for _, number in row.texts]
        own = whole.lengths[every]
        characters += int(own.sum())
        seen = float(own @ whole.shares[every])
        shared += seen
        looked_for = [(name, number) for name, number in row.texts if whole.long_enough[number]]
        too_short += not looked_for
        if seen:
            fields = tuple(name for name, number in looked_for if whole.found[number])
            found.append(Found(row.example_id, seen / int(own.sum()), fields, len(fields) == len(looked_for)))
    return Verdicts(
        examples=len(rows), characters=characters, shared=round(shared), too_short=too_short, found=tuple(found)
    )
