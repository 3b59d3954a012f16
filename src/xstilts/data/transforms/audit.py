"""What a perturbation did: how much of the surface it changed, and how much of what the model reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from xstilts.reading.examples import Example, texts

SAMPLED = 400
"""Examples that are looked at, spread evenly over the set: a share of edits is then known to a few per cent."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Counts of the examples that were looked at.

    Attributes:
        examples: looked at.
        changed: whose text is another.
        characters: before.
        edits: insertions, deletions and substitutions of characters, the fewest that make the new texts of the old.
        tokens: before.
        token_edits: the same for tokens.
    """

    examples: int
    changed: int
    characters: int
    edits: int
    tokens: int = 0
    token_edits: int = 0

    @property
    def character_error_rate(self) -> float:
        """Edits per character."""
        return self.edits / max(self.characters, 1)

    @property
    def tokens_changed(self) -> float:
        """Edits of tokens per token."""
        return self.token_edits / max(self.tokens, 1)

    def as_object(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def audit(
    before: Sequence[Example], after: Sequence[Example], tokens: Callable[[str], Sequence[Any]] | None = None
) -> Audit:
    """Compares the same examples before and after.

    Args:
        before: as they were.
        after: perturbed, in the same order.
        tokens: gives the tokens of a text.
    """
    step = max(1, -(-len(before) // SAMPLED))
    changed = characters = edits = pieces = piece_edits = 0
    pairs = list(zip(before, after, strict=True))[::step]
    for old, new in pairs:
        same = True
        for was, now in zip(texts(old), texts(new), strict=True):
            characters += len(was)
            if tokens is not None:
                read, reread = tokens(was), tokens(now)
                pieces += len(read)
                piece_edits += distance(read, reread)
            if was != now:
                same = False
                edits += distance(was, now)
        changed += not same
    return Audit(
        examples=len(pairs),
        changed=changed,
        characters=characters,
        edits=edits,
        tokens=pieces,
        token_edits=piece_edits,
    )


def distance(one: Sequence[Any], other: Sequence[Any]) -> int:
    """Levenshtein distance, in time that grows with the distance, not with the product of the lengths.

    Source: Ukkonen (1985), Algorithms for approximate string matching, doi:10.1016/S0019-9958(85)80046-2.
    """
    length, wanted = len(one), len(other)
    last = wanted - length
    furthest: dict[int, int] = {0: _slide(one, other, 0, 0)}
    cost = 0
    while furthest.get(last, -1) < length:
        cost += 1
        reached: dict[int, int] = {}
        for diagonal in range(-min(cost, length), min(cost, wanted) + 1):
            row = max(
                furthest.get(diagonal, -2) + 1,
                furthest.get(diagonal + 1, -2) + 1,
                furthest.get(diagonal - 1, -2),
            )
            row = min(row, length, wanted - diagonal)
            if row >= max(0, -diagonal):
                reached[diagonal] = _slide(one, other, row, diagonal)
        furthest = reached
    return cost


def _slide(one: Sequence[Any], other: Sequence[Any], row: int, diagonal: int) -> int:
    """Down a diagonal while both are equal."""
    while row < len(one) and row + diagonal < len(other) and one[row] == other[row + diagonal]:
        row += 1
    return row
