"""A tag for every word of a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xstilts.reading import conll
from xstilts.reading.columns import Columns, Gold, Roles, first_of
from xstilts.reading.examples import Tagged
from xstilts.reading.rows import listed
from xstilts.reading.tables import TableRow
from xstilts.tasks import tag_scoring
from xstilts.tasks.kind import Kind


def _read(row: TableRow, places: Mapping[str, list[str]], gold: Gold) -> Tagged:
    tokens = tuple(str(token) for token in listed(row.cells.get(places["tokens"][0])))
    tags = tuple(gold(row, tag) for tag in listed(row.cells.get(places["tags"][0])))
    if len(tokens) != len(tags) or not all(token.strip() for token in tokens):
        raise row.error(f"{len(tokens)} tokens and {len(tags)} tags, or an empty token")
    return Tagged(example_id="", cluster_id="", tokens=tokens, tags=tags)


def _read_conll(file: Path, columns: Columns, labels: Sequence[str]) -> Iterator[Tagged]:
    """CoNLL's columns have no names: they are given as numbers."""
    tokens, tags = columns.get("tokens", "0"), columns.get("tags", "-1")
    return conll.read(file, labels=labels, token_column=int(str(tokens)), tag_column=int(str(tags)))


KIND = Kind(
    title="A tag for every word",
    example=Tagged,
    gold=lambda example: example.tags,
    labels=lambda example: example.tags or (),
    metric=tag_scoring.metric_of,
    metrics=tag_scoring.METRICS,
    decide=tag_scoring.decide,
    review=tag_scoring.review,
    roles=Roles(
        find={
            "tokens": first_of("tokens", "words", "token", "word", "text", "sentence"),
            "tags": first_of("tags", "labels", "ner_tags", "pos_tags", "tag", "label"),
        },
        build=_read,
        gold="tags",
        listed=True,
    ),
    formats={"conll": _read_conll},
    characters=100,
    writes_as_much=True,
)
