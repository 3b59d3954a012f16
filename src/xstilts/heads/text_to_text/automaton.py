"""What may be written: a finite automaton over tokens, followed on all its ways at once.

A *place* says where in the automaton one is; *found* is what has been read on the way there. Of two ways to one place
the first is kept, so what was written means the first thing that it can mean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Place = tuple[Any, ...]
Found = tuple[Any, ...]

END: Place = ("end",)


class Automaton(Protocol):
    """What one row may write.

    Attributes:
        start: the place before the first token.
        longest: tokens at most, the end included.
        tokens: all that it may ever write, without the end.
    """

    @property
    def start(self) -> Place:
        """Before anything is written."""
        ...

    @property
    def longest(self) -> int:
        """Tokens at most."""
        ...

    @property
    def tokens(self) -> Collection[int]:
        """All that may ever be written."""
        ...

    def steps(self, place: Place, found: Found) -> Iterator[tuple[int, Place, Found]]:
        """Every token that may follow, with the place that it leads to."""
        ...

    def whole(self, place: Place, found: Found) -> Found | None:
        """All that has been read, if the text may end here; else None."""
        ...


@dataclass(frozen=True)
class Written:
    """What a row has written.

    Attributes:
        found: what it means to the row's automaton; None: no whole text came about.
        margin: of the first step: the logit of its best token less that of ending at once.
    """

    found: Found | None
    margin: float


class Walk:
    """The ways through an automaton that the tokens so far have left open."""

    def __init__(self, automaton: Automaton, *, end: int) -> None:
        self.automaton, self.end = automaton, end
        self.places: dict[Place, Found] = {automaton.start: ()}
        self.result: Found | None = None
        self.taken = 0
        self._look()

    @property
    def allowed(self) -> list[int]:
        """Tokens that may come next; none once the text has ended."""
        return list(self._next)

    def take(self, token: int) -> None:
        """Goes on by one token; does nothing once the text has ended."""
        if not self._next:
            return
        self.places = self._next[token]
        self.taken += 1
        if END in self.places:
            self._next: dict[int, dict[Place, Found]] = {}
            return
        self._look()

    def _look(self) -> None:
        self._next = {}
        wholes = (self.automaton.whole(place, found) for place, found in self.places.items())
        whole = next((found for found in wholes if found is not None), None)
        if whole is not None:
            # Kept also where the text is cut off before its end.
            self.result = whole
            self._next[self.end] = {END: whole}
        if self.taken + 1 >= self.automaton.longest and whole is not None:
            return
        for place, found in self.places.items():
            for token, then, read in self.automaton.steps(place, found):
                self._next.setdefault(token, {}).setdefault(then, read)


Trie = dict[int | None, Any]
"""Token → Trie; under None the number of the text that ends here."""


def trie(texts: Sequence[Sequence[int]]) -> Trie:
    """The tokens of several texts; of two equal ones the first."""
    root: Trie = {}
    for number, tokens in enumerate(texts):
        node = root
        for token in tokens:
            node = node.setdefault(token, {})
        node.setdefault(None, number)
    return root


def walk(trie: Mapping[int | None, Any], path: Sequence[int]) -> Trie:
    """The node at the end of a path."""
    node: Any = trie
    for token in path:
        node = node[token]
    found: Trie = node
    return found
