"""One token a line, a blank line between sentences: UD POS and PAN-X as XTREME writes them, and CoNLL columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading.conll_layout import layout_of
from xstilts.reading.conll_lines import UPOS, Layout, is_blank, rows
from xstilts.reading.examples import Tagged
from xstilts.reading.labels import check
from xstilts.reading.notes import note
from xstilts.reading.text import read_lines

_PREFIX = re.compile(r"([a-z]{2,3}(?:-[a-z]+)*):")
UNSPECIFIED = "_"
"""What Universal Dependencies writes where there is no tag."""


def read(
    file: Path,
    *,
    labels: Collection[str] = (),
    token_column: int | None = None,
    tag_column: int | None = None,
    unspecified: str | None = None,
    stripped: bool = False,
) -> Iterator[Tagged]:
    """The sentences of a file in file order.

    Cells are separated by a tab, or by runs of blanks and tabs in a file without tabs: no other white space separates
    anything. A word that is nothing but such white space keeps its place. Lines that start with ``-DOCSTART-`` and, in
    CoNLL-U, comments, fused tokens and empty nodes are skipped. A file whose lines hold nothing but the token has
    hidden tags (None). ``xx:token``, as PAN-X is published, loses its prefix if every token has it.

    Args:
        file: the file.
        labels: the tags that may occur; empty for any.
        token_column: of the token, from 0; None: told from the layout.
        tag_column: of the tag, the same; negative from the end.
        unspecified: a tag whose tokens are left out (``_`` in Universal Dependencies).
        stripped: whether a line that begins with a tab holds a word of white space that was stripped (XTREME's PAN-X).

    Raises:
        DataError: not text, a layout in which words cannot be told, an empty token, a line without a tag among lines
            with one, a tag outside the set.
    """
    lines = read_lines(file)
    layout = layout_of(lines, file, token=token_column, tag=tag_column)
    found = list(rows(lines, layout))
    prefix = _prefix([line for line in lines if not is_blank(line)])
    hides = False
    if layout.numbered and layout.tag == UPOS and UNSPECIFIED not in labels:
        left = [number for number, cells in found if cells and _tag(cells, layout) == UNSPECIFIED]
        hides = len(left) == sum(bool(cells) for _, cells in found)
        if unspecified is None and left and not hides:
            unspecified = UNSPECIFIED
            note(f"{len(left)} words without a tag ({UNSPECIFIED}) are left out", file=file, line=left[0])
    return _sentences(
        file, found, layout, labels=labels, prefix=prefix, unspecified=unspecified, stripped=stripped, hides=hides
    )


def _sentences(
    file: Path,
    found: Sequence[tuple[int, list[str]]],
    layout: Layout,
    *,
    labels: Collection[str],
    prefix: str,
    unspecified: str | None,
    stripped: bool,
    hides: bool,
) -> Iterator[Tagged]:
    tagged: bool | None = None
    tokens: list[str] = []
    tags: list[str] = []
    white: list[int] = []
    for number, cells in [*found, (0, [])]:
        if not cells:
            if tokens:
                yield Tagged(example_id="", cluster_id="", tokens=tuple(tokens), tags=tuple(tags) if tagged else None)
            tokens, tags = [], []
            continue
        tag = "" if hides else _tag(cells, layout)
        token = _token(cells, layout, prefix)
        if not token and not (stripped and tag):
            raise DataError("an empty token", file=file, line=number)
        if tagged is not bool(tag):
            tagged = _same(tagged, tag, token, file, number)
        if tag == unspecified:
            continue
        if tag and labels and tag not in labels:
            check(tag, labels, file=file, line=number, what="tag")
        if not token or token.isspace():
            white.append(number)
        tokens.append(token or " ")
        tags.append(tag)
    if white:
        count = f"{len(white)} words are" if len(white) > 1 else "1 word is"
        note(f"{count} nothing but white space, and keep{'s' * (len(white) == 1)} the place", file=file, line=white[0])


def _token(cells: Sequence[str], layout: Layout, prefix: str) -> str:
    """The word without the blanks around it; one that is only white space as it is."""
    cell = cells[layout.token] if -len(cells) <= layout.token < len(cells) else ""
    return cell.strip().removeprefix(prefix) or cell.strip(" \t").removeprefix(prefix)


def _tag(cells: Sequence[str], layout: Layout) -> str:
    return cells[layout.tag].strip() if len(cells) > 1 and -len(cells) <= layout.tag < len(cells) else ""


def _same(tagged: bool | None, tag: str, token: str, file: Path, line: int) -> bool:
    """Whether the file has tags, by its first line.

    Raises:
        DataError: it was not the first, and the two differ.
    """
    if tagged is not None:
        raise DataError(
            f"token {token!r} has {'no tag' if tagged else 'a tag'}, unlike the lines before it", file=file, line=line
        )
    return bool(tag)


def _prefix(filled: Sequence[str]) -> str:
    """``xx:`` if every token of the file starts with it, else nothing."""
    match = _PREFIX.match(filled[0]) if filled else None
    if match and all(line.startswith(match[0]) for line in filled):
        return match[0]
    return ""
