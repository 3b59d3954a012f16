"""Rows of one language's file that are, word for word, those of another's: a file copied under the wrong name.

What is kept of a file is a sample of its rows' hashes, the smallest ones, so that two samples hold the same rows where
the files do (a bottom-k sketch; Cohen and Kaplan 2007, "Summarizing data using bottom-k sketches").
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xstilts.reading.examples import Example, spoken

KEPT = 1_000
"""Hashes kept of a file: a share of one half is then known to within three points (two standard deviations)."""
WORDY = 15
"""Characters from which on a row counts: the same name or number in two languages says nothing."""
ENOUGH = 5
"""Rows from which on files are compared."""
MANY = 0.3
"""A share that is worth a word. A few proper names are shared by all languages."""
BITS = 53
"""So that JSON writes a hash as it is."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What is compared of a language's file.

    Attributes:
        language: as the file's name says.
        file: its name, for people.
        sketch: of its rows, ascending.
    """

    language: str
    file: str
    sketch: Sequence[int]


def sketch(examples: Sequence[Example], language: str) -> tuple[int, ...]:
    """The smallest hashes of a file's different rows, ascending; only what is in its own language counts."""
    found = set()
    for example in examples:
        row = "\x1f".join(text for _, text, its in spoken(example, language) if its == language)
        if len(row) >= WORDY:
            digest = hashlib.blake2b(row.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            found.add(int.from_bytes(digest, "big") >> (64 - BITS))
    return tuple(sorted(found)[:KEPT])


def repeated(files: Sequence[Rows], *, source: str) -> list[str]:
    """A note for each file of which many rows stand in another language's.

    Args:
        files: of one task and split, each language once.
        source: the language that the others are translated from: the file of another is the wrong one.
    """
    by_language = {rows.language: rows for rows in files if len(rows.sketch) >= ENOUGH}
    notes = []
    for (one, other), common in _common(by_language).items():
        left, right = by_language[one], by_language[other]
        if left.language == source:
            left, right = right, left
        share = common / max(1, _comparable(left.sketch, right.sketch))
        if share >= MANY:
            notes.append(
                f"{left.file}: {share:.0%} of the rows in {left.language} are word for word those of {right.file} "
                f"({right.language}): is it that language's file?"
            )
    return notes


def _common(files: Mapping[str, Rows]) -> dict[tuple[str, str], int]:
    """(language, language) → how many hashes both hold; pairs without any are left out."""
    holders: defaultdict[int, list[str]] = defaultdict(list)
    for language in sorted(files):
        for row in files[language].sketch:
            holders[row].append(language)
    counts = Counter(
        (one, other)
        for languages in holders.values()
        for place, one in enumerate(languages)
        for other in languages[place + 1 :]
    )
    return dict(sorted(counts.items()))


def _comparable(one: Sequence[int], other: Sequence[int]) -> int:
    """Of one sketch the hashes that the other would hold, too, if its file had the row."""
    if len(other) < KEPT:
        return len(one)
    return sum(row <= other[-1] for row in one)
