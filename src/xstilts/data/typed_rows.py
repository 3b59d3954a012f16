"""Test rows as people typed them beside the rows that they were given: whether both sets are of the same examples."""

from __future__ import annotations

from xstilts.data import discovery
from xstilts.data.sources import Part
from xstilts.errors import DataError
from xstilts.tasks.task import Task


def same_rows(typed: Task, part: Part, given: Task, other: Part) -> None:
    """Refuses a set that is not row for row the other one: differences from it would be of other examples.

    Args:
        typed: the task of what was typed.
        part: its files.
        given: the task of the rows that were given.
        other: its files in the same language; without files (a plan), nothing is compared.

    Raises:
        DataError: other ids, clusters or another order.
    """
    if not other.files:
        return
    mine = [(row.example_id, row.cluster_id) for row in discovery.read(typed, part.files, part.language)]
    theirs = [(row.example_id, row.cluster_id) for row in discovery.read(given, other.files, other.language)]
    file, against = part.files[0], other.files[0].name
    if len(mine) != len(theirs):
        raise DataError(f"{len(mine):,} rows, {len(theirs):,} in {against}: not the same examples", file=file)
    for number, (one, its) in enumerate(zip(mine, theirs, strict=True), start=1):
        if one != its:
            said = "the same question of another paragraph" if one[0] == its[0] else f"{its[0]!r}"
            raise DataError(f"row {number} is {one[0]!r}, in {against} {said}: not the same examples", file=file)
