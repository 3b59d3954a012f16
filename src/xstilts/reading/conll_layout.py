"""How a file of one word a line is laid out: what separates its cells, which are comments, which columns count.

CoNLL-U is fixed: ten columns, FORM the second, UPOS the fourth, ids that count the words of a sentence from 1. Other
files have the word first and its tag last (CoNLL-2000 and 2003, WNUT, PAN-X, XTREME's UD POS). What is neither is
refused with the way to name its columns: a column of ids or of document names is never taken for words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading.conll_lines import (
    FIELDS,
    ONTONOTES,
    Layout,
    Words,
    counts,
    cut,
    is_comment,
    is_conllu,
    separator_of,
)
from xstilts.reading.labels import whole_number
from xstilts.reading.notes import note
from xstilts.reading.text import check_ends

WORD_NAMES = frozenset({"word", "words", "token", "tokens", "form"})
TAG_NAMES = frozenset({"tag", "tags", "label", "labels", "ner", "pos", "upos", "ner_tag", "ner_tags", "pos_tags"})
"""What a first line calls its columns, in files that name them."""

_GLOBAL = re.compile(r"#\s*global\.columns\s*=\s*(.+)")
"""The line of CoNLL-U Plus that names its columns."""
_LEAST, _FEWEST = 3, 3
"""Rows and columns of the smallest file whose layout is judged by what its first column holds."""


def layout_of(lines: Sequence[str], file: Path, *, token: int | None, tag: int | None) -> Layout:
    """The layout of a file.

    Args:
        lines: of the whole file.
        file: named in notes and errors; ``.conllu`` is CoNLL-U.
        token: the column of the word where it was named.
        tag: the same of the tag.

    Raises:
        DataError: lines with different numbers of columns, a column that is not there, or one of ids or names in the
            place of the words.
    """
    filled = [(number, line) for number, line in enumerate(lines, start=1) if line and not line.isspace()]
    check_ends(filled, file)
    data = [one for one in filled if one[1][0] not in "#-" or not one[1].startswith(("#", "-DOCSTART-"))]
    separator = separator_of([line for _, line in data or filled])
    numbered = counts(lines, separator)
    if numbered or is_conllu(file):
        layout = Layout(separator=separator, numbered=numbered)
        return _numbered(lines, Words(data, separator), file, layout, token, tag)
    plain = Layout(separator=separator, token=0 if token is None else token, tag=-1 if tag is None else tag)
    words = Words(
        [
            (number, line)
            for number, line in filled
            if line[0] not in "#-" or not (line.startswith("-DOCSTART-") or is_comment(line, plain))
        ],
        separator,
    )
    if not any(line.startswith(ONTONOTES) for _, line in filled if line[0] == "#"):
        _check_widths(words, file)
    _check_columns(words, file, token, tag)
    header = _header(words, file, plain)
    if token is None:
        _check_words(words, file, header=bool(header))
    return replace(plain, header=header, tagged=words.width > 1)


def _numbered(
    lines: Sequence[str],
    words: Words,
    file: Path,
    layout: Layout,
    token: int | None,
    tag: int | None,
) -> Layout:
    """The layout of CoNLL-U, and of other files whose first column numbers the words."""
    named = next((match for line in lines if (match := _GLOBAL.fullmatch(line.strip()))), None)
    names = [name.lower() for name in named[1].split()] if named else list(FIELDS)
    usual = words.width
    named_all = usual == len(names) and "form" in names and (tag is not None or "upos" in names)
    if named_all:
        default = (names.index("form"), names.index("upos") if "upos" in names else -1)
        if not is_conllu(file) and (token is None or tag is None):
            note("ten columns of which the first counts the words: read as CoNLL-U (FORM, UPOS)", file=file)
    elif token is None and tag is None and usual == 3 and layout.numbered:
        default = (1, 2)
        note("its first column counts the words: the second is read as the word, the third as its tag", file=file)
    elif layout.numbered and (token is None or tag is None):
        raise DataError(
            f"the first of {usual} columns counts the words",
            file=file,
            line=words.lines[0][0],
            hint="say which hold words and tags, from 0: `columns: {tokens: 1, tags: …}`",
        )
    else:
        default = (0, -1)
        if is_conllu(file):
            note(
                f"{usual} columns and no ids, so it is not CoNLL-U: the first is the word, the last its tag", file=file
            )
    _check_widths(words, file)
    _check_columns(words, file, token, tag)
    return Layout(
        separator=layout.separator,
        numbered=layout.numbered or named_all,
        tagged=usual > 1,
        token=default[0] if token is None else token,
        tag=default[1] if tag is None else tag,
    )


def _check_widths(words: Words, file: Path) -> None:
    """Refuses a line with another number of columns than most; a lone word is one whose tag is hidden or missing."""
    usual = words.width
    if set(words.widths) <= {1, usual}:
        return
    for (number, _), width in zip(words.lines, words.widths, strict=True):
        if width not in (1, usual):
            raise DataError(
                f"{width} columns where the other lines have {usual}",
                file=file,
                line=number,
                hint="only tabs and blanks separate columns; where a word holds blanks, separate with tabs",
            )


def _check_columns(words: Words, file: Path, *named: int | None) -> None:
    """Refuses a column that was named and that no line has."""
    width = max(words.widths, default=0)
    for column in named:
        if column is not None and not -width <= column < width and width > 1:
            line = words.lines[0][0]
            raise DataError(f"no column {column}: the lines have {width}, numbered from 0", file=file, line=line)


def _check_words(words: Words, file: Path, *, header: bool) -> None:
    """Refuses ids, or the names of documents, in the place of words."""
    if words.width < _FEWEST:
        return
    first = words.column(0)[header:]
    runs = 1 + sum(one != other for one, other in pairwise(first))
    names = runs <= max(1, len(first) // 10)
    if len(first) >= _LEAST and (names or all(whole_number(word) is not None for word in first)):
        what = f"holds {first[0]!r} line after line" if names else "holds nothing but numbers"
        raise DataError(
            f"the first column {what}, so it does not hold the words",
            file=file,
            hint="say which columns hold words and tags, from 0: `columns: {tokens: …, tags: …}`",
        )


def _header(words: Words, file: Path, layout: Layout) -> int:
    """The number of a first line that names the columns, whose names occur nowhere else as tags; 0: there is none."""
    if len(words.lines) < 2 or words.widths[0] < 2:
        return 0
    number, line = words.lines[0]
    names = cut(line, layout.separator)
    if max(layout.token, layout.tag) >= len(names) or -layout.tag > len(names):
        return 0
    word, tag = names[layout.token].strip().lower(), names[layout.tag].strip()
    if word not in WORD_NAMES or tag.lower() not in TAG_NAMES or words.column(layout.tag).count(tag) > 1:
        return 0
    note(f"its first line names the columns ({' '.join(names)}) and is left out", file=file)
    return number
