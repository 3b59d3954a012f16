"""Sentence pairs with a label: XTREME's columns, and upstream's files with a header or of JSON lines.

A pair of which a text is empty teaches nothing. Crowd-sourced and machine-translated training sets have a few: there,
they are left out and counted. In dev and test they are refused with their line: leaderboards count the lines of a test
set, so none of it may be left out in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading import tsv_rows
from xstilts.reading.examples import Classified
from xstilts.reading.jsonl import field, objects
from xstilts.reading.labels import NO_GOLD, check, label_text, no_gold, whole_number
from xstilts.reading.notes import note

FIRST = ("sentence1", "premise")
SECOND = ("sentence2", "hypothesis", "hypo")
LABEL = ("gold_label", "label")
LANGUAGE = "language"
"""The column of upstream's XNLI, whose files hold all languages."""
TRANSLATED = "-translated."
"""What the names of XTREME's translated training sets hold: ``en-de-translated.tsv``."""
HIDDEN = "hidden"
"""What GLUE and others write in place of a label that they keep back."""
FEW, FEW_OF = 10, 100
"""So many pairs with an empty text may be left out of any training set, and one in so many of a large one."""

_Cells = tuple[int, object, object, object]
"""Line, first and second text, label."""


def read(
    file: Path, *, labels: Sequence[str], rename: Mapping[str, str] | None = None, code: str | None = None
) -> Iterator[Classified]:
    """The pairs of a file in file order.

    A file of XTREME has no header and two columns (labels hidden) or three, quoted as ``csv`` does; its translated
    training sets have five, raw: the English pair, its translation, the label. A first row that names its columns
    (``sentence1`` or ``premise``) makes it an upstream file: raw cells, or JSON lines by its extension; there, pairs
    on which annotators did not agree (``-``) are left out, as their authors do.

    Args:
        file: the file.
        labels: the labels that may occur.
        rename: labels that upstream spells otherwise.
        code: of a file whose column ``language`` holds several: those of the pairs that are read.

    Raises:
        DataError: not text, another number of columns, a missing column, a text that is empty or none, a label outside
            the set; with the line.
    """
    disagreed = 0
    for line, first, second, given in whole(list(_cells(file, code)), file):
        text = label_text(given)
        if text == NO_GOLD and text not in labels:
            disagreed += 1
            continue
        label = None
        if text != HIDDEN and not no_gold(given, labels):
            number = whole_number(given)
            text = str(number) if number is not None and text not in labels else text
            label = check((rename or {}).get(text, text), labels, file=file, line=line)
        yield Classified(example_id="", cluster_id="", first=first, second=second, label=label)
    if disagreed:
        note(f"pairs on which annotators did not agree ('-'): {disagreed}, left out", file=file)


def languages_of(file: Path) -> Iterator[str]:
    """The codes of the languages that an upstream file of XNLI holds, in the order of the file.

    Raises:
        DataError: as ``read``; no column ``language``.
    """
    if {".jsonl", ".json"} & set(file.suffixes):
        yield from dict.fromkeys(str(field(row, LANGUAGE, file=file, line=line)) for line, row in objects(file))
        return
    rows = tsv_rows.rows(file, quoted=False)
    line, header = next(rows, (1, []))
    field(dict.fromkeys(header), LANGUAGE, file=file, line=line)
    yield from dict.fromkeys(cells[header.index(LANGUAGE)] for _, cells in rows)


def whole(pairs: Sequence[tuple[Any, ...]], file: Path, *, training: bool | None = None) -> Iterator[tuple[Any, ...]]:
    """The pairs whose texts are not empty; says which of a training set have one that is.

    Args:
        pairs: line, first text, second text, and more.
        file: where they are from.
        training: whether it is a training set; by default by its name.

    Raises:
        DataError: an empty text in another set, or more than a few; one that is not a text.
    """
    empty = [line for line, first, second, *_ in pairs if _is_empty(first) or _is_empty(second)]
    if empty:
        by_name = "train" in file.name or TRANSLATED in file.name
        _check_empty(file, empty, len(pairs), training=by_name if training is None else training)
    for line, first, second, *more in pairs:
        if _is_empty(first) or _is_empty(second):
            continue
        if not isinstance(first, str) or not isinstance(second, str):
            strange = second if isinstance(first, str) else first
            raise DataError(f"a text is expected, not {strange!r}", file=file, line=line)
        yield (line, first, second, *more)


def _check_empty(file: Path, empty: Sequence[int], pairs: int, *, training: bool) -> None:
    if not training:
        raise DataError("an empty sentence", file=file, line=empty[0])
    if len(empty) > max(FEW, pairs // FEW_OF):
        raise DataError(f"an empty sentence, as in {len(empty)} of {pairs} pairs", file=file, line=empty[0])
    note(f"pairs with an empty text: {len(empty)}, left out", file=file, line=empty[0])


def _is_empty(text: object) -> bool:
    return text is None or (isinstance(text, str) and not text.strip())


def _cells(file: Path, code: str | None) -> Iterator[_Cells]:
    if {".jsonl", ".json"} & set(file.suffixes):
        yield from _from_objects(file, code)
        return
    if TRANSLATED in file.name:
        for line, (*_, first_cell, second_cell, label) in tsv_rows.whole_rows(file, width=5):
            yield line, first_cell, second_cell, label
        return
    first = next(tsv_rows.rows(file, quoted=False), None)
    if first is not None and set(first[1]) & set(FIRST):
        yield from _from_header(file, code)
        return
    for line, cells in tsv_rows.rows(file, widths=(2, 3), quoted=True):
        yield line, cells[0], cells[1], cells[2] if len(cells) == 3 else None


def _from_objects(file: Path, code: str | None) -> Iterator[_Cells]:
    for line, row in objects(file):
        if code is not None and row.get(LANGUAGE, code) != code:
            continue
        names = [_one_of(row, choices, file=file, line=line) for choices in (FIRST, SECOND)]
        label = next((row[name] for name in LABEL if name in row), None)
        yield line, row[names[0]], row[names[1]], label


def _from_header(file: Path, code: str | None) -> Iterator[_Cells]:
    rows = tsv_rows.rows(file, quoted=False)
    _, header = next(rows)
    places = {name: index for index, name in enumerate(header)}
    first, second = (places[_one_of(places, choices, file=file, line=1)] for choices in (FIRST, SECOND))
    label = next((places[name] for name in LABEL if name in places), None)
    language = places.get(LANGUAGE)
    for line, cells in rows:
        if code is None or language is None or cells[language] == code:
            yield line, cells[first], cells[second], cells[label] if label is not None else None


def _one_of(row: Mapping[str, Any], choices: Sequence[str], *, file: Path, line: int) -> str:
    for name in choices:
        if name in row:
            return name
    field(row, choices[0], file=file, line=line)  # raises, with what is there
    raise AssertionError
