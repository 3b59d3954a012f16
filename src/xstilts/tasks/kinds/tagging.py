"""A tag for every word of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading import conll
from xstilts.reading.columns import Columns, Gold, Header, Roles, first_of
from xstilts.reading.examples import Tagged
from xstilts.reading.labels import is_missing
from xstilts.reading.notes import note
from xstilts.reading.rows import listed
from xstilts.reading.tables import TableRow
from xstilts.tasks import tag_scoring
from xstilts.tasks.kind import Kind


def _read(row: TableRow, places: Mapping[str, list[str]], gold: Gold) -> Tagged:
    tokens = listed(row.cells.get(places["tokens"][0]))
    for token in tokens:
        if not isinstance(token, str) and (not isinstance(token, int | float) or is_missing(token)):
            raise row.error(f"a word must be a text, not {token!r}")
    words = tuple(str(token) for token in tokens)
    given = listed(row.cells.get(places["tags"][0]))
    if not words or (given and len(words) != len(given)):
        raise row.error(f"{len(words)} tokens and {len(given)} tags")
    if not all(word.strip() for word in words):  # said once, not for every row
        note("some words are nothing but white space, and keep their places", file=row.file)
    return Tagged(example_id="", cluster_id="", tokens=words, tags=_tags(row, given, gold) if given else None)


def _tags(row: TableRow, given: Sequence[object], gold: Gold) -> tuple[str, ...] | None:
    """The tags of a sentence; None where a word has none: then the others are not checked, either."""
    tags: list[str | None] = []
    mistake: DataError | None = None
    for tag in given:
        try:
            tags.append(gold(row, tag))
        except DataError as error:
            mistake = mistake or error
    if None in tags:
        return None
    if mistake:
        raise mistake
    return tuple(tag for tag in tags if tag is not None)


def _read_conll(file: Path, columns: Columns, labels: Sequence[str]) -> Iterator[Tagged]:
    """CoNLL's columns have no names: they are given as numbers."""
    token, tag = (int(str(columns[role])) if role in columns else None for role in ("tokens", "tags"))
    return conll.read(file, labels=labels, token_column=token, tag_column=tag)


def _sentence(header: Header) -> list[str]:
    """The column that says which sentence a word belongs to, where a row is a word: ``sent_id``, ``Sentence #``."""
    free = [name for name in header.columns if name in header.free(name.lower())]
    return [name for name in free if _SENTENCE.fullmatch(re.sub(r"[\W_]+", "", name.lower()))][:1]


_SENTENCE = re.compile(r"s(?:ent(?:ence)?)?(?:id|ids|idx|index|no|nr|num|number)|sent(?:ence)?s?")
FURTHER_TAGS = ("ner", "ner_tag", "pos", "pos_tag", "upos", "entity", "entities")
"""What tables of one word a row call its tag."""

KIND = Kind(
    title="A tag for every word",
    example=Tagged,
    gold=lambda example: example.tags,
    parts=tuple,
    part="words",
    labels=lambda example: example.tags or (),
    metric=tag_scoring.metric_of,
    metrics=tag_scoring.METRICS,
    decide=tag_scoring.decide,
    review=tag_scoring.review,
    roles=Roles(
        find={
            "tokens": first_of("tokens", "words", "token", "word", "text", "sentence"),
            "tags": first_of("tags", "labels", "ner_tags", "pos_tags", "tag", "label", *FURTHER_TAGS),
            "sentence": _sentence,
        },
        build=_read,
        optional=("sentence",),
        gold="tags",
        listed=True,
        written=("tokens", "tags"),
    ),
    formats={"conll": _read_conll},
    characters=100,
    writes_as_much=True,
)
