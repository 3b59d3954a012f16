"""A text and the number of stars that it is rated with: a kind of a third party's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xstilts.reading.columns import Gold, Roles, first_of
from xstilts.reading.examples import Example
from xstilts.reading.rows import text
from xstilts.reading.tables import TableRow
from xstilts.tasks.kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Example):
    """A text and its stars, which may be half ones; None where they are hidden."""

    review: str
    stars: float | None = None

    @property
    def repeated(self) -> tuple[str, ...]:
        """The text."""
        return (self.review,)


def whole_stars(stars: float) -> str:
    """Stars as they are scored: whole ones, from none to five."""
    return str(min(5, max(0, round(stars))))


def _read(row: TableRow, places: Mapping[str, list[str]], gold: Gold) -> Rated:
    stars = str(row.cells.get(places["stars"][0])).strip()
    try:
        return Rated(example_id="", cluster_id="", review=text(row, places["review"][0]), stars=float(stars))
    except ValueError:
        raise row.error(f"{stars!r} is not a number of stars") from None


KIND = Kind(
    title="How many stars a text is rated with",
    example=Rated,
    gold=lambda example: None if example.stars is None else whole_stars(example.stars),
    metric="accuracy",
    max_length=48,
    roles=Roles(find={"review": first_of("review", "text"), "stars": first_of("stars", "rating")}, build=_read),
    characters=80,
)
