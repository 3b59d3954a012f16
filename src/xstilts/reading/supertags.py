"""Supertags: CCGbank's AUTO files, and the tagged files that people make of it under their own licence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading import conll
from xstilts.reading.conll_lines import cut
from xstilts.reading.examples import Tagged
from xstilts.reading.text import check_ends, read_lines

_LEAF = re.compile(r"<L ([^ ]+) [^ ]+ [^ ]+ ([^ ]+) [^ ]+>")
"""A word in a derivation: ``<L category POS POS word category-with-indices>``."""
AUTO = ".auto"
PIPED = (".tag", ".stagged")


def read(file: Path, language: str) -> Iterator[Tagged]:
    """The sentences of one file, in the form that its name or first line tells.

    - ``.auto``: CCGbank's derivations, a line that begins with ``ID=`` before each.
    - ``.tag``, ``.stagged``: a sentence a line, ``word|supertag`` or ``word|pos|supertag``.
    - a tab between two lists of equal length: words, then supertags, a sentence a line (jiant's ``ccg.train``).
    - else columns, a word a line, the supertag in the last one.

    Raises:
        DataError: not UTF-8, a derivation without words, a token without a tag, lists of unequal length.
    """
    check_ends(enumerate(read_lines(file), start=1), file)
    if file.suffix == AUTO:
        return _derivations(file)
    if file.suffix in PIPED:
        return _piped(file)
    first = next((line for line in read_lines(file) if line.strip()), "")
    halves = first.split("\t")
    if len(halves) == 2 and " " in first.strip():
        return _halves(file)
    return conll.read(file)


def _derivations(file: Path) -> Iterator[Tagged]:
    for number, line in enumerate(read_lines(file), start=1):
        if not line.strip() or line.startswith("ID="):
            continue
        leaves = _LEAF.findall(line)
        if not leaves:
            raise DataError("a derivation without words (<L category POS POS word category>)", file=file, line=number)
        yield _tagged([word for _, word in leaves], [tag for tag, _ in leaves])


def _piped(file: Path) -> Iterator[Tagged]:
    for number, line in enumerate(read_lines(file), start=1):
        if not line.strip() or line.startswith("# "):  # C&C's files begin with a comment
            continue
        cells = [token.split("|") for token in _words(line)]
        for token, parts in zip(_words(line), cells, strict=True):
            if len(parts) not in (2, 3) or not parts[0] or not parts[-1]:
                raise DataError(f"{token!r} is not word|supertag or word|pos|supertag", file=file, line=number)
        yield _tagged([parts[0] for parts in cells], [parts[-1] for parts in cells])


def _halves(file: Path) -> Iterator[Tagged]:
    for number, line in enumerate(read_lines(file), start=1):
        if not line.strip():
            continue
        words, tags = (_words(half) for half in line.partition("\t")[::2])
        if len(words) != len(tags):
            raise DataError(f"{len(words)} words and {len(tags)} supertags", file=file, line=number)
        yield _tagged(words, tags)


def _words(text: str) -> list[str]:
    """What blanks and tabs separate; no other white space separates anything."""
    return [word for word in cut(text, None) if word]


def _tagged(words: list[str], tags: list[str]) -> Tagged:
    return Tagged(example_id="", cluster_id="", tokens=tuple(words), tags=tuple(tags))
