"""The report as Markdown (CommonMark with tables)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import singledispatch

from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.reports.blocks import Block, Bullets, Figure, GridBlock, Heading, Listing, Paragraph, Works, report_blocks
from xstilts.reports.document import document
from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.numbers import plain
from xstilts.reports.references import Reference
from xstilts.reports.report_format import Format


def render(table: Table, info: RunInfo) -> str:
    """The whole report; the user's names are escaped."""
    return markdown(report_blocks(document(table, info)))


def markdown(blocks: Iterable[Block]) -> str:
    """Blocks as Markdown; works are cited by their places in the list of references."""
    blocks = list(blocks)
    works = [work for block in blocks if isinstance(block, Works) for work in block.references]
    numbers = {work.key: number for number, work in enumerate(works, start=1)}
    written = (_block(block, numbers) for block in blocks if not isinstance(block, Figure))
    return "\n\n".join(written) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line: no markup, no HTML, no column break."""
    text = re.sub(r"([\\`*\[\]<>|&~#!{}])", r"\\\1", plain(text))
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)


@singledispatch
def _block(block: Block, numbers: dict[str, int]) -> str:
    raise TypeError(f"no block of a report: {block!r}")


@_block.register
def _(block: Heading, numbers: dict[str, int]) -> str:
    return f"{'#' * block.level} {escaped(block.text)}"


@_block.register
def _(block: Paragraph, numbers: dict[str, int]) -> str:
    text = escaped(block.text)
    if block.strong:
        text = f"**{text}**"
    if block.label:
        text = f"{block.label}: *{text}*"
    cited = [number for work in block.cites if (number := numbers.get(work.key)) is not None]
    return f"{text} [{', '.join(map(str, sorted(cited)))}]" if cited else text


@_block.register
def _(block: Bullets, numbers: dict[str, int]) -> str:
    return "\n".join(f"- {escaped(line)}" for line in block.lines)


@_block.register
def _(block: GridBlock, numbers: dict[str, int]) -> str:
    return _table(block.grid, level=block.level)


@_block.register
def _(block: Listing, numbers: dict[str, int]) -> str:
    """A code block whose fence is longer than any run of backticks inside."""
    text = "\n".join(plain(line) for line in block.text.rstrip().split("\n"))
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


@_block.register
def _(block: Works, numbers: dict[str, int]) -> str:
    return "\n".join(f"{number}. {_work(one)}" for number, one in enumerate(block.references, start=1))


def _work(one: Reference) -> str:
    """The address, in angle brackets where it can be a link, and who cites it."""
    link = f"<{one.url}>" if re.fullmatch(r"https?://[^\s<>\\]+", one.url) else escaped(one.url)
    return f"{link} {escaped(one.fields['note'])}"


def _table(grid: Grid, *, level: int) -> str:
    lines = [
        f"{'#' * level} {escaped(grid.title)}",
        "",
        _row([grid.corner, *map(escaped, grid.columns)]),
        _row(["---", *["---:" for _ in grid.columns]]),
    ]
    lines += [_row([escaped(title), *map(_entry, entries)]) for title, entries in grid.rows]
    return "\n".join(lines)


def _entry(entry: Entry) -> str:
    """The brackets of an interval read better unescaped; those of a link are escaped with its parenthesis."""
    text = re.sub(r"([\\`*<>|&~#!{}])", r"\\\1", " · ".join([entry.main, *entry.details]))
    return text.replace("](", "]\\(")


def _row(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


FORMAT = Format(name="md", suffix=".md", render=render)
