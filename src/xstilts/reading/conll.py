"""One token a line, a blank line between sentences: UD POS and PAN-X as XTREME writes them, and CoNLL columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading.examples import Tagged
from xstilts.reading.labels import check
from xstilts.reading.text import read_lines

_PREFIX = re.compile(r"([a-z]{2,3}(?:-[a-z]+)*):")
_NOT_A_WORD = re.compile(r"\d+[-.]\d+")
"""A CoNLL-U id of a fused token (``1-2``) or an empty node (``1.1``)."""


def read(
    file: Path,
    *,
    labels: Collection[str] = (),
    token_column: int = 0,
    tag_column: int = -1,
    unspecified: str | None = None,
) -> Iterator[Tagged]:
    """The sentences of a file in file order.

    Cells are separated by a tab, or by blanks in a file without tabs. Lines that start with ``-DOCSTART-`` and,
    in ten-column CoNLL-U, comments, fused tokens and empty nodes are skipped. A file whose lines hold nothing but
    the token has hidden tags (None). ``xx:token``, as PAN-X is published, loses its prefix if every token has it.

    Args:
        file: the file.
        labels: the tags that may occur; empty for any.
        token_column: of the token, from 0.
        tag_column: of the tag; -1 is the last.
        unspecified: a tag whose tokens are left out (``_`` in Universal Dependencies).

    Raises:
        DataError: not UTF-8, an empty token, a line without a tag among lines with one, a tag outside the set.
    """
    tagged: bool | None = None
    lines = read_lines(file)
    separator = "\t" if any("\t" in line for line in lines) else None
    prefix = _prefix(lines)
    tokens: list[str] = []
    tags: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if not line.strip():
            if tokens:
                yield Tagged(example_id="", cluster_id="", tokens=tuple(tokens), tags=tuple(tags) if tagged else None)
            tokens, tags = [], []
            continue
        cells = line.split(separator)
        if _skipped(line, cells):
            continue
        token = _cell(cells, token_column).strip().removeprefix(prefix)
        tag = _cell(cells, tag_column).strip() if len(cells) > 1 else ""
        if not token:
            raise DataError("an empty token", file=file, line=number)
        if tagged is None:
            tagged = bool(tag)
        if tagged != bool(tag):
            raise DataError(
                f"token {token!r} has {'no tag' if tagged else 'a tag'}, unlike the lines before it",
                file=file,
                line=number,
            )
        if unspecified is not None and tag == unspecified:
            continue
        if tag and labels:
            check(tag, labels, file=file, line=number, what="tag")
        tokens.append(token)
        tags.append(tag)


def _cell(cells: list[str], column: int) -> str:
    return cells[column] if -len(cells) <= column < len(cells) else ""


def _skipped(line: str, cells: list[str]) -> bool:
    if line.startswith("-DOCSTART-"):
        return True
    # A comment of CoNLL-U: "# text = …". Without the blank it may be a token, a hashtag.
    if line.startswith("# ") and ("=" in line or len(cells) == 1):
        return True
    return len(cells) == 10 and _NOT_A_WORD.fullmatch(cells[0]) is not None


def _prefix(lines: list[str]) -> str:
    """``xx:`` if every token of the file starts with it, else nothing."""
    filled = [line for line in lines if line.strip()]
    match = _PREFIX.match(filled[0]) if filled else None
    if match and all(line.startswith(match[0]) for line in filled):
        return match[0]
    return ""
