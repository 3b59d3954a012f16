"""Tables of words: one word a row becomes one sentence a row.

The rows of such a table belong together by a column that names their sentence (in every row, or in the first row of
each sentence alone), or by blank lines between sentences. Without either, every word would be a sentence of its own: a
tagger without context, so that is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading.labels import is_missing, is_nothing
from xstilts.reading.notes import note
from xstilts.reading.tables import TableRow

SENTENCE, TOKENS, TAGS = "sentence", "tokens", "tags"
"""The roles: which column names the sentence, and which hold words and tags."""


def grouped(table: Sequence[TableRow], places: Mapping[str, Sequence[str]], file: Path) -> list[TableRow]:
    """The rows of a table, one sentence each, whose cells are lists where rows were words.

    Raises:
        DataError: a word a row, and nothing that tells where a sentence begins; an empty word.
    """
    words, tags = places[TOKENS][0], places[TAGS][0]
    column = next(iter(places.get(SENTENCE, ())), None)
    groups = list(_groups(table, column))
    together = len(groups) < len(table)
    if not _one_word(table, words, tags, together=together):
        return list(table)
    if not together:
        told = f"column {column!r} puts no rows together" if column else "nothing tells where sentences begin"
        raise DataError(
            f"every row holds one word of column {words!r}, and {told}",
            file=file,
            line=table[0].line,
            hint=f"name the column that numbers them with `columns: {{{SENTENCE}: …}}`, or write a sentence a row",
        )
    told = f"by column {column!r}" if column else "by the blank lines between them"
    note(f"one word a row, {len(table)} in all: put together to {len(groups)} sentences {told}", file=file)
    return [
        replace(group[0], number=number, cells=_cells(group, words, tags))
        for number, group in enumerate(groups, start=1)
    ]


def _one_word(table: Sequence[TableRow], words: str, tags: str, *, together: bool) -> bool:
    """Whether every row holds one word and its tag; words with blanks in them need sentences that several rows form."""
    if len(table) < 2:
        return False
    for row in table:
        word, tag = row.cells.get(words), row.cells.get(tags)
        if isinstance(word, list | dict) or isinstance(tag, list | dict):
            return False
        if len(_parts(tag)) > 1 or (len(_parts(word)) > 1 and not together):
            return False
    return True


def _parts(value: object) -> list[str]:
    return [] if is_missing(value) else str(value).split()


def _groups(table: Sequence[TableRow], column: str | None) -> Iterator[list[TableRow]]:
    """Rows that follow each other and belong to one sentence."""
    group: list[TableRow] = []
    current: object = None
    for row in table:
        given = row.cells.get(column) if column else None
        begins = row.after_blank if column is None else not is_nothing(given) and given != current
        if group and begins:
            yield group
            group = []
        current = current if is_nothing(given) else given
        group.append(row)
    if group and (column is not None or any(row.after_blank for row in table)):
        yield group
    else:
        yield from ([row] for row in group)


def _cells(group: Sequence[TableRow], words: str, tags: str) -> dict[str, Any]:
    """The cells of the first row, with the words and the tags of all."""
    for row in group:
        if str(row.cells.get(words) or "").strip(" \t") == "":
            raise row.error(f"an empty word in column {words!r}")
    return {
        **group[0].cells,
        words: [row.cells[words] for row in group],
        tags: [row.cells.get(tags) for row in group],
    }
