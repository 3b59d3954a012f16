"""Blocks of a report as one LaTeX file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

from xstilts.reports.blocks import Block, Bullets, Figure, GridBlock, Heading, Listing, Paragraph, Works
from xstilts.reports.tex.escaping import escaped, listing
from xstilts.reports.tex.preamble import preamble
from xstilts.reports.tex.scripts import scripts_in
from xstilts.reports.tex.tables import table

SECTIONS = {2: "section", 3: "subsection", 4: "subsubsection"}
ABSTRACT = "Abstract"
"""A heading of this name is LaTeX's own environment."""


def latex(blocks: Iterable[Block], *, author: str, date: str, figures: str, numbered: bool = False) -> str:
    """The file; the first heading of level 1 is its title.

    Args:
        blocks: in reading order.
        author: who or what wrote it.
        date: as it is printed.
        figures: what the names of the figures' files begin with; one that is not there is left out.
        numbered: whether sections have numbers.
    """
    title, rest = _titled(list(blocks))
    rest = [one for one, after in zip(rest, [*rest[1:], None], strict=True) if not _of_works(one, after)]
    body = [text for one in _with_abstract(rest) if (text := one if isinstance(one, str) else _block(one, figures))]
    text = "\n\n".join(body)
    scripts = scripts_in([text, title.text, author])
    begin = preamble(title=title.text, author=author, date=date, scripts=scripts, numbered=numbered)
    return "\n".join([begin, "", text, r"\end{document}", ""])


def _of_works(block: Block, after: Block | None) -> bool:
    """A heading of the list of references, which brings its own."""
    return isinstance(block, Heading) and isinstance(after, Works)


def _titled(blocks: list[Block]) -> tuple[Heading, list[Block]]:
    """The title, and what follows it."""
    first = blocks[0] if blocks else None
    return (first, blocks[1:]) if isinstance(first, Heading) else (Heading(text="", level=1), blocks)


def _with_abstract(blocks: list[Block]) -> list[Block | str]:
    """The same, the abstract in its environment: from its heading to the next one."""
    found: list[Block | str] = []
    inside = False
    for block in blocks:
        if isinstance(block, Heading):
            found += [r"\end{abstract}"] if inside else []
            inside = block.text == ABSTRACT
            if inside:
                found.append(r"\begin{abstract}")
                continue
        found.append(block)
    return [*found, r"\end{abstract}"] if inside else found


@singledispatch
def _block(block: Block, figures: str) -> str:
    raise TypeError(f"no block of a report: {block!r}")


@_block.register
def _(block: Heading, figures: str) -> str:
    if block.level not in SECTIONS:
        return rf"\paragraph{{{escaped(block.text)}}}"
    return rf"\{SECTIONS[block.level]}{{{escaped(block.text)}}}"


@_block.register
def _(block: Paragraph, figures: str) -> str:
    text = escaped(block.text)
    if block.strong:
        text = rf"\textbf{{{text}}}"
    if block.label:
        text = rf"{escaped(block.label)}: \emph{{{text}}}"
    return rf"{text}~\cite{{{','.join(one.key for one in block.cites)}}}" if block.cites else text


@_block.register
def _(block: Bullets, figures: str) -> str:
    items = [rf"\item {{}}{escaped(line)}" for line in block.lines]
    return "\n".join([r"\begin{itemize}\xstight", *items, r"\end{itemize}"]) if items else ""


@_block.register
def _(block: GridBlock, figures: str) -> str:
    return table(block.grid)


@_block.register
def _(block: Listing, figures: str) -> str:
    return listing(block.text)


@_block.register
def _(block: Figure, figures: str) -> str:
    return rf"\xsfigure{{{figures}-{block.name}.pdf}}{{{escaped(block.caption)}}}"


@_block.register
def _(block: Works, figures: str) -> str:
    lines = [rf"\begin{{thebibliography}}{{{max(9, len(block.references))}}}"]
    for one in block.references:
        address = escaped(one.url)
        link = rf"\href{{{_target(one.url)}}}{{{address}}}" if one.url.startswith(("http://", "https://")) else address
        lines.append(rf"\bibitem{{{one.key}}} {link}. {escaped(one.fields['note'])}")
    return "\n".join([*lines, r"\end{thebibliography}"])


def _target(url: str) -> str:
    """An address as hyperref takes it; what is not of ASCII, or would end it, in per cent."""
    kept = "".join(one if one.isascii() and one not in ' "<>\\^`{|}' else _quoted(one) for one in url)
    return kept.replace("%", r"\%").replace("#", r"\#").replace("&", r"\&").replace("_", r"\_").replace("~", r"\~{}")


def _quoted(one: str) -> str:
    return "".join(f"%{byte:02X}" for byte in one.encode("utf-8", "replace"))
