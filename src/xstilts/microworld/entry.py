"""One entry of a language file: what is always true of it, and its patterns by feature."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from operator import itemgetter

from xstilts.microworld.templates import Part, Token

Vector = tuple[int, ...]
"""One value per dimension; 0 where none is given."""


class Entry:
    """A word, phrase or clause: inherent features, and variants of which the most specific that fits is taken."""

    __slots__ = ("_chosen", "_variants", "dimensions", "entity", "inherent", "plain", "seen", "where")

    def __init__(
        self,
        variants: Iterable[tuple[tuple[tuple[int, int], ...], tuple[Part, ...]]],
        *,
        inherent: tuple[tuple[int, int], ...] = (),
        entity: str = "",
        where: str = "",
        first: int = -1,
    ) -> None:
        # a stable sort: among equally specific variants the first in the file wins
        self._variants = sorted(variants, key=lambda variant: -_weight(variant[0], first))
        self.plain = all(isinstance(part, Token) for _, parts in self._variants for part in parts)
        """Words alone, in every variant."""
        self.dimensions = frozenset(dimension for wanted, _ in self._variants for dimension, _ in wanted)
        """Those that decide which variant is taken."""
        self.seen = projection(self.dimensions)
        """What of some features decides."""
        self._chosen: dict[Hashable, tuple[Part, ...]] = {}
        self.inherent = inherent
        self.entity = entity
        self.where = where

    def choose(self, features: Vector) -> tuple[Part, ...]:
        """The pattern whose features are all among these, with the most of them.

        Raises:
            LookupError: none fits.
        """
        key = self.seen(features)
        if (found := self._chosen.get(key)) is None:
            found = self._chosen[key] = self._find(features)
        return found

    def _find(self, features: Vector) -> tuple[Part, ...]:
        for wanted, parts in self._variants:
            if all(features[dimension] == value for dimension, value in wanted):
                return parts
        raise LookupError(self.where)

    def parts(self) -> Iterable[tuple[Part, ...]]:
        """Every variant's pattern."""
        return (parts for _, parts in self._variants)


def _weight(wanted: tuple[tuple[int, int], ...], first: int) -> int:
    """How specific a variant is; one that names the dimension ``first`` goes before all others."""
    return len(wanted) + 100 * any(dimension == first for dimension, _ in wanted)


def projection(dimensions: Iterable[int]) -> Callable[[Vector], Hashable]:
    """A function that gives what features say in some dimensions."""
    wanted = sorted(dimensions)
    return itemgetter(*wanted) if wanted else _nothing


def _nothing(features: Vector) -> None: ...


def merge(features: Vector, pairs: Iterable[tuple[int, int]]) -> Vector:
    """The features with some set otherwise."""
    if not pairs:
        return features
    changed = list(features)
    for dimension, value in pairs:
        changed[dimension] = value
    return tuple(changed)
