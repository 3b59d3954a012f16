"""The rows that an arm trained on, where they were chosen from a larger set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Some rows, measured without any model but for the scores.

    Attributes:
        rows: how many.
        languages: language → rows.
        labels: label → rows; of multiple choice the place of the right choice.
        length: mean of the characters.
        overlap: mean share of the second text's words that the first one has; None where there are no two texts.
        scores: name → mean, of what the choice was made by.
    """

    rows: int
    languages: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    length: float | None = None
    overlap: float | None = None
    scores: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Points:
    """A data map.

    Attributes:
        rows: of the whole set, of which the points may be a sample.
        points: variability, confidence, correctness, and 1 where the row was chosen.
    """

    rows: int
    points: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Subset:
    """What one arm trained on.

    Attributes:
        chosen: its rows.
        whole: the set that they were chosen from.
        points: the data map that they were chosen by.
    """

    arm: str
    chosen: Measured
    whole: Measured
    points: Points | None = None
