r"""Grids as tables with booktabs' rules, split into several where they are wider than the page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.tex.escaping import escaped

LINE = 114
"""Characters of a line in a table, about, in the size in which tables are set."""
GAP = 2
"""Characters between two columns."""
WIDE = 34
"""Characters of a column's text from which on it is set in several lines."""
LEAST = 24
"""Characters that the titles of rows have, where they are as long as that."""
HEAD = 10
"""Characters of a column's title from which on it is set in several lines."""
SMALL = 0.8
"""Width of small type, in which details are set."""
TOGETHER = 8
"""Rows of a table that is kept on one page."""
BREAK, NO_BREAK = r"\\", r"\\*"
"""The end of a line after which a page may end, and of one after which it may not."""
PER_CHARACTER = 1 / LINE
"""Share of a line that a character takes."""


def table(grid: Grid) -> str:
    """The grid; its title is the caption. Wider ones are continued with further columns."""
    widths = [_width(grid, index) for index in range(len(grid.columns))]
    first = min(max([len(grid.corner), *(_long(title) for title, _ in grid.rows)]), LINE)
    rest = sum(width + GAP for width in widths)
    if first + rest > LINE and first > LEAST:
        first = max(LEAST, LINE - rest)
    parts = list(_parts(widths, LINE - first))
    return "\n\n".join(
        _part(grid, columns, widths, first=first, continued=number > 0) for number, columns in enumerate(parts)
    )


def _parts(widths: Sequence[int], room: int) -> Iterator[Sequence[int]]:
    """The columns of each table: as many as fit, one at least."""
    columns: list[int] = []
    used = 0
    for index, width in enumerate(widths):
        if columns and used + width + GAP > room:
            yield columns
            columns, used = [], 0
        columns.append(index)
        used += width + GAP
    yield columns


def _part(grid: Grid, columns: Sequence[int], widths: Sequence[int], *, first: int, continued: bool) -> str:
    titles = [_head(grid.columns[index], widths[index], words=_has_words(grid, index)) for index in columns]
    head = " & ".join([escaped(grid.corner), *titles])
    more = " (continued)" if continued else ""
    whole = max(_long(title) for title, _ in grid.rows) if grid.rows else 0
    forms = [_column(widths[index], wrapped=_is_text(grid, index), text=_has_words(grid, index)) for index in columns]
    form = "".join([_column(first, wrapped=whole > first, text=True), *forms])
    lines = [
        rf"\begin{{longtable}}{{@{{}}{form}@{{}}}}",
        rf"\caption{{{escaped(grid.title)}{more}}}\\",
        r"\toprule",
        rf"{head} \\",
        r"\midrule",
        r"\endfirsthead",
        r"\toprule",
        rf"{head} \\",
        r"\midrule",
        r"\endhead",
        r"\bottomrule",
        r"\endlastfoot",
    ]
    together = len(grid.rows) <= TOGETHER
    for number, (title, entries) in enumerate(grid.rows, start=1):
        last = number == len(grid.rows)
        lines += _row(title, [entries[index] for index in columns], end=NO_BREAK if together and not last else BREAK)
    return "\n".join([*lines, r"\end{longtable}"])


def _row(title: str, entries: Sequence[Entry], *, end: str) -> Iterator[str]:
    """The numbers of a row, then below them in small type what belongs to each: intervals, and words."""
    details = max((len(one.details) for one in entries), default=0)
    yield f"{' & '.join([escaped(title), *(escaped(one.main) for one in entries)])} {NO_BREAK if details else end}"
    for index in range(details):
        cells = (rf"\xssmall{{{escaped(one.details[index])}}}" if index < len(one.details) else "" for one in entries)
        yield f"{' & '.join(['', *cells])} {NO_BREAK if index + 1 < details else end}"


def _column(width: int, *, wrapped: bool, text: bool) -> str:
    if wrapped:
        return rf">{{\raggedright\arraybackslash}}p{{{width * PER_CHARACTER:.3f}\linewidth}}"
    return "l" if text else "r"


def _head(title: str, width: int, *, words: bool) -> str:
    """A column's title, in several lines where it is longer than what is below it."""
    if _long(title) <= max(width, HEAD):
        return escaped(title)
    side = r"\raggedright" if words else r"\raggedleft"
    return rf"\xshead{{{max(width, HEAD) * PER_CHARACTER:.3f}\linewidth}}{{{side} {escaped(title)}}}"


def _width(grid: Grid, index: int) -> int:
    """The width of a column: of its entries, of the words of its title, and not more than a part of the line."""
    entries = [entries[index] for _, entries in grid.rows]
    texts = [_long(one.main) for one in entries] + [
        round(SMALL * _long(text)) for one in entries for text in one.details
    ]
    title = min(_long(grid.columns[index]), max(HEAD, *(_long(word) for word in grid.columns[index].split()), 0))
    return min(max([title, *texts]), WIDE)


def _has_words(grid: Grid, index: int) -> bool:
    """Whether most of what a column has is words, which begin at the left."""
    texts = [entries[index].main for _, entries in grid.rows if any(map(str.isalnum, entries[index].main))]
    return sum(not any(map(str.isdigit, text)) for text in texts) * 2 > len(texts)


def _is_text(grid: Grid, index: int) -> bool:
    """Whether a column has sentences rather than numbers."""
    return any(_long(entries[index].main) > WIDE for _, entries in grid.rows)


def _long(text: str) -> int:
    """Columns of type that a text takes, about: wide letters take two, marks none."""
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) + wide - sum(unicodedata.combining(one) > 0 for one in text)
