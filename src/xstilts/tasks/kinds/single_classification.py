"""A label for one text."""

from __future__ import annotations

from collections.abc import Mapping

from xstilts.reading.columns import LABEL, Gold, Roles, first_of
from xstilts.reading.examples import Classified
from xstilts.reading.rows import text
from xstilts.reading.tables import TableRow
from xstilts.tasks.kind import Kind


def _read(row: TableRow, places: Mapping[str, list[str]], gold: Gold) -> Classified:
    return Classified(
        example_id="",
        cluster_id="",
        first=text(row, places["first"][0]),
        label=gold(row, row.cells.get(places["label"][0])),
    )


KIND = Kind(
    title="A label for one text",
    example=Classified,
    gold=lambda example: example.label,
    parts=lambda label: (label,),
    labels=lambda example: () if example.label is None else (example.label,),
    metric="accuracy",
    metrics=("accuracy",),
    roles=Roles(
        find={
            "first": first_of("text", "sentence", "first", "review", "content", "premise"),
            "label": LABEL,
        },
        build=_read,
        aliases={"text": "first", "premise": "first", "sentence1": "first"},
    ),
    characters=100,
    written=5,
)
