"""A data map before it is drawn: rows by variability and confidence, coloured by correctness."""

from __future__ import annotations

from dataclasses import dataclass

from xstilts.analysis.subsets import Points
from xstilts.analysis.table import Table
from xstilts.reports.numbers import plain

MOST = 2_000
"""Points that are drawn at most."""


@dataclass(frozen=True, kw_only=True)
class DataMap:
    """One map.

    Attributes:
        title: whose it is.
        description: for readers who cannot see it.
        points: variability, confidence, correctness, and 1 where the row was chosen.
        epochs: the highest correctness.
    """

    title: str
    description: str
    points: tuple[tuple[float, ...], ...]
    epochs: int


def data_maps(table: Table) -> tuple[DataMap, ...]:
    """The map of every arm that was chosen by one; arms that share a map each show what they took."""
    return tuple(_map(one.arm, one.points) for one in table.subsets if one.points is not None and one.points.points)


def _map(arm: str, given: Points) -> DataMap:
    points = given.points[:MOST]
    count = f"{len(points):,} of {given.rows:,} rows" if len(points) < given.rows else f"all {given.rows:,} rows"
    return DataMap(
        title=f"{plain(arm)}: {count}; filled: chosen",
        description=f"Data map of {plain(arm)}: variability and confidence of {count}, coloured by the number of "
        "epochs in which the gold label was the most probable one; the rows that were chosen are filled",
        points=points,
        epochs=max(int(point[2]) for point in points),
    )
