"""The lines of a file of one word a line: cells, comments, the ends of sentences, ids that count the words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from xstilts.reading.labels import whole_number

FIELDS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
"""The columns of CoNLL-U, in their order."""
UPOS = 3
_BLANKS = re.compile(r"[ \t]+")
ONTONOTES = ("#begin document", "#end document")
"""Around the documents of CoNLL-2012, whose sentences have different numbers of columns."""
_RANGE = re.compile(r"\d+[-.]\d+", re.ASCII)
"""A CoNLL-U id of a fused token (``1-2``) or an empty node (``1.1``)."""

Cells = tuple[int, list[str]]
"""The number of a line and its cells; none where it ends a sentence."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    r"""How the lines of a file are read.

    Attributes:
        separator: ``\t``; None: runs of blanks and tabs.
        numbered: whether the first column numbers the words of each sentence: then every ``#`` begins a comment.
        token: the column of the word, from 0.
        tag: the column of the tag; negative from the end.
        tagged: whether lines have more cells than the word: then a line of white space alone ends a sentence.
        header: the number of the line that names the columns; 0: there is none.
    """

    separator: str | None
    numbered: bool = False
    token: int = 0
    tag: int = -1
    tagged: bool = True
    header: int = 0


def is_blank(line: str) -> bool:
    """Whether a line holds nothing but blanks and tabs; U+00A0 and U+3000 may be words."""
    return not line.strip(" \t")


def cut(line: str, separator: str | None) -> list[str]:
    """The cells of a line: nothing but blanks and tabs ever separates them."""
    return line.split("\t") if separator else _BLANKS.split(line.strip(" \t"))


def rows(lines: Sequence[str], layout: Layout) -> Iterator[Cells]:
    """Every line that holds a word, and the ends of sentences; comments, fused tokens and empty nodes are left out."""
    tabs = layout.separator is not None
    tagged, header = layout.tagged, layout.header
    for number, line in enumerate(lines, start=1):
        if not (line.strip() if tagged else line.strip(" \t")) or line.startswith("-DOCSTART-"):
            yield number, []
        elif number != header and not (line[0] == "#" and is_comment(line, layout)):
            cells = line.split("\t") if tabs else cut(line, None)
            if not ((layout.numbered or len(cells) == len(FIELDS)) and _RANGE.fullmatch(cells[0])):
                yield number, cells


def separator_of(words: Sequence[str]) -> str | None:
    """A tab where most lines have one, or where most lines are one word: then a word may hold blanks."""
    if not words or 2 * sum("\t" in line for line in words) >= len(words):
        return "\t"
    return "\t" if 2 * sum(len(cut(line, None)) == 1 for line in words) > len(words) else None


@dataclass(frozen=True)
class Words:
    """The lines of a file that hold words, not cut yet: their numbers, and how many cells each has."""

    lines: Sequence[tuple[int, str]]
    separator: str | None

    @cached_property
    def widths(self) -> list[int]:
        """The number of cells of each line."""
        if self.separator:
            return [line.count("\t") + 1 for _, line in self.lines]
        return [len(cut(line, None)) for _, line in self.lines]

    @cached_property
    def width(self) -> int:
        """The usual number of cells."""
        found = Counter(self.widths)
        return max(found, key=lambda width: (found[width], width), default=0)

    def column(self, place: int) -> list[str]:
        """The cells of a column, without the white space around them, of the lines that have it."""
        cells = (cut(line, self.separator) for _, line in self.lines)
        return [its[place].strip() for its in cells if -len(its) <= place < len(its)]


def looks_like_conll(lines: Sequence[str]) -> bool:
    """Whether the lines of a file, whatever its name, hold a word each, with blank lines between sentences.

    Every line has as many cells as the others, two at least; of a single sentence the ids of CoNLL-U tell.
    """
    while lines and is_blank(lines[-1]):
        lines = lines[:-1]
    data = [line for line in lines if not is_blank(line) and not line.startswith(("-DOCSTART-", "#"))]
    if not data or any("\r" in line for line in data):
        return False
    separator = "\t" if any("\t" in line for line in data) else None
    widths = {len(cut(line, separator)) for line in data}
    if len(widths) != 1 or widths == {1}:
        return False
    between = any(is_blank(line) for line in lines[next(i for i, line in enumerate(lines) if not is_blank(line)) :])
    return between or (widths == {len(FIELDS)} and counts(lines, separator))


def is_comment(line: str, layout: Layout) -> bool:
    """A line of CoNLL-U that begins with ``#``; elsewhere a token may: there, only ``# name = …`` and lone ``# …``."""
    if not line.startswith("#"):
        return False
    if layout.numbered or line.startswith(ONTONOTES):
        return True
    return line.startswith("# ") and ("=" in line or len(cut(line, layout.separator)) == 1)


def is_conllu(file: Path) -> bool:
    """Whether a file is CoNLL-U by its name."""
    return bool({".conllu", ".conllup"} & set(file.suffixes))


def counts(lines: Sequence[str], separator: str | None) -> bool:
    """Whether the first column counts the words of every sentence from 1; a few numbers may be words themselves."""
    expected, longest, width = 1, 0, 0
    for line in lines:
        if not line.strip():
            expected = 1
        elif not line.startswith(("#", "-DOCSTART-")):
            cells = cut(line, separator)
            if _RANGE.fullmatch(cells[0]):
                continue
            if len(cells) < 2 or whole_number(cells[0]) != expected:
                return False
            longest, width = max(longest, expected), len(cells)
            expected += 1
    return longest >= {2: 3, len(FIELDS): 1}.get(width, 2)
