"""Edits of a text: which are made so that it has the character error rate asked for, and where every character goes.

An edited text is a list with what is written in place of each of its characters. A span of the old text is then the
span of the new one between the same characters, exactly, whatever was inserted or removed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple


class Edit(NamedTuple):
    """One possible edit.

    Attributes:
        start: of the first character that changes.
        written: what is written in place of each character from there on.
        cost: how many insertions, deletions and substitutions of characters that makes.
    """

    start: int
    written: tuple[str, ...]
    cost: int = 1

    @property
    def end(self) -> int:
        """Of the last character, exclusive."""
        return self.start + len(self.written)


Propose = Callable[[str, str, Random], list[Edit]]
"""``propose(text, language, random)``: every edit that a perturbation could make."""


def source_of_chance(*parts: object) -> Random:
    """Random numbers that depend on nothing but what is given."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")).digest()
    return Random(int.from_bytes(digest[:16], "big"))  # noqa: S311 – nothing is secret


def edited(
    text: str, language: str, propose: Propose, *, rate: float, random: Random, cuts: Collection[int] = ()
) -> list[str]:
    """What is written in place of each character.

    Edits are drawn until their cost is ``rate`` × the number of characters; the last one is made with the probability
    with which the expected cost is exactly that. Where a text offers fewer edits, all of them are made.

    Args:
        text: the text.
        language: of the text.
        propose: the edits that are possible.
        rate: character error rate asked for, in (0, 1).
        random: draws.
        cuts: the ends of spans and words: no edit reaches over one, and no character beside one is removed.
    """
    written = list(text)
    offered = propose(text, language, random)
    random.shuffle(offered)
    left, taken, ends = rate * len(text), set[int](), set(cuts)
    for edit in offered:
        places = range(edit.start, edit.end)
        if not taken.isdisjoint(places) or _cuts_into(edit, ends):
            continue
        if edit.cost > left and random.random() >= left / edit.cost:
            break
        written[edit.start : edit.end] = edit.written
        taken.update(places)
        left -= edit.cost
        if left <= 0:
            break
    return written


def moved(written: Sequence[str]) -> list[int]:
    """Where each character of the old text begins in the new one, and where that ends."""
    return [0, *accumulate(map(len, written))]


def _cuts_into(edit: Edit, cuts: Collection[int]) -> bool:
    """Whether an edit would move a word, or part of one, into a span or out of it, or leave a span empty."""
    if any(place in cuts for place in range(edit.start + 1, edit.end)):
        return True
    if not any(edit.written):
        return edit.start in cuts or edit.end in cuts
    return edit.written[-1].endswith(" ") and edit.end in cuts
