"""A label for a pair of texts: premise and hypothesis, two sentences to compare."""

from __future__ import annotations

from collections.abc import Mapping

from xstilts.reading.columns import LABEL, Gold, Header, Roles
from xstilts.reading.examples import Classified
from xstilts.reading.rows import text
from xstilts.reading.tables import TableRow
from xstilts.tasks.kind import Kind

PAIRS = (
    *(("premise", "hypothesis"), ("sentence1", "sentence2"), ("sent1", "sent2"), ("text1", "text2")),
    *(("text", "text2"), ("question1", "question2"), ("question", "sentence"), ("first", "second"), ("s1", "s2")),
    ("text_a", "text_b"),
)
"""Names that datasets give to the two columns."""


def _first(header: Header) -> list[str]:
    """The first column of a pair of names that are both there; of half a pair, so that the other one is missed."""
    if "second" in header.found:
        return header.free(*(first for first, _ in PAIRS))[:1]
    both = next((pair for pair in PAIRS if header.named(pair[0]) and header.named(pair[1])), None)
    half = next((pair[0] for pair in PAIRS if header.named(pair[0])), None)
    name = header.named(both[0] if both else half or "")
    return [name] if name else []


def _second(header: Header) -> list[str]:
    """The partner of the first column's name, else any second name that is there."""
    if first := header.found.get("first"):
        partner = header.named(dict(PAIRS).get(first[0].lower(), ""))
        if partner:
            return [partner]
    return header.free(*(second for _, second in PAIRS))[:1]


def _read(row: TableRow, places: Mapping[str, list[str]], gold: Gold) -> Classified:
    return Classified(
        example_id="",
        cluster_id="",
        first=text(row, places["first"][0]),
        second=text(row, places["second"][0]),
        label=gold(row, row.cells.get(places["label"][0])),
    )


KIND = Kind(
    title="A label for a pair of texts",
    example=Classified,
    gold=lambda example: example.label,
    parts=lambda label: (label,),
    labels=lambda example: () if example.label is None else (example.label,),
    metric="accuracy",
    metrics=("accuracy",),
    roles=Roles(
        find={"first": _first, "second": _second, "label": LABEL},
        build=_read,
        aliases={
            **{"text": "first", "premise": "first", "sentence1": "first"},
            **{"hypothesis": "second", "sentence2": "second"},
        },
    ),
    characters=160,
    written=5,
)
