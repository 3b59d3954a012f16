"""Sentence pairs with a label: XTREME's columns, and upstream's files with a header or of JSON lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading import tsv_rows
from xstilts.reading.examples import Classified
from xstilts.reading.jsonl import field, objects
from xstilts.reading.labels import NO_GOLD, check

FIRST = ("sentence1", "premise")
SECOND = ("sentence2", "hypothesis", "hypo")
LABEL = ("gold_label", "label")
TRANSLATED = "-translated."
"""What the names of XTREME's translated training sets hold: ``en-de-translated.tsv``."""
HIDDEN = ("", "hidden")
"""What GLUE and others write in place of a label that they keep back."""


def read(file: Path, *, labels: Sequence[str], rename: Mapping[str, str] | None = None) -> Iterator[Classified]:
    """The pairs of a file in file order.

    A file of XTREME has no header and two columns (labels hidden) or three, quoted as ``csv`` does; its translated
    training sets have five, raw: the English pair, its translation, the label. A first row that names its columns
    (``sentence1`` or ``premise``) makes it an upstream file: raw cells, or JSON lines by its extension; there, pairs
    on which annotators did not agree (``-``) are left out, as their authors do.

    Args:
        file: the file.
        labels: the labels that may occur.
        rename: labels that upstream spells otherwise.

    Raises:
        DataError: not UTF-8, another number of columns, a missing column, a label outside the set; with the line.
    """
    rename = rename or {}
    for line, first, second, label in _cells(file):
        if label == NO_GOLD:
            continue
        if label is not None:
            label = check(rename.get(label, label), labels, file=file, line=line)
        yield Classified(example_id="", cluster_id="", first=first, second=second, label=label)


_Cells = tuple[int, str, str, str | None]


def _cells(file: Path) -> Iterator[_Cells]:
    if {".jsonl", ".json"} & set(file.suffixes):
        yield from _from_objects(file)
        return
    if TRANSLATED in file.name:
        for line, (*_, first_cell, second_cell, label) in tsv_rows.whole_rows(file, width=5):
            yield line, first_cell, second_cell, _label(label)
        return
    first = next(tsv_rows.rows(file, quoted=False), None)
    if first is not None and set(first[1]) & set(FIRST):
        yield from _from_header(file)
        return
    for line, cells in tsv_rows.rows(file, widths=(2, 3), quoted=True):
        if not cells[0].strip() or not cells[1].strip():
            raise DataError("an empty sentence", file=file, line=line)
        yield line, cells[0], cells[1], cells[2].strip() if len(cells) == 3 else None


def _from_objects(file: Path) -> Iterator[_Cells]:
    for line, row in objects(file):
        names = [_one_of(row, choices, file=file, line=line) for choices in (FIRST, SECOND)]
        label = next((row[name] for name in LABEL if name in row), None)
        yield line, str(row[names[0]]), str(row[names[1]]), _label(label)


def _from_header(file: Path) -> Iterator[_Cells]:
    rows = tsv_rows.rows(file, quoted=False)
    _, header = next(rows)
    places = {name: index for index, name in enumerate(header)}
    first, second = (places[_one_of(places, choices, file=file, line=1)] for choices in (FIRST, SECOND))
    label = next((places[name] for name in LABEL if name in places), None)
    for line, cells in rows:
        yield line, cells[first], cells[second], _label(cells[label]) if label is not None else None


def _label(given: object) -> str | None:
    return None if given is None or str(given).strip() in HIDDEN else str(given).strip()


def _one_of(row: Mapping[str, Any], choices: Sequence[str], *, file: Path, line: int) -> str:
    for name in choices:
        if name in row:
            return name
    field(row, choices[0], file=file, line=line)  # raises, with what is there
    raise AssertionError
