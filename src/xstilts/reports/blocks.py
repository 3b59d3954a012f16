"""A report as a sequence of blocks, in reading order: what Markdown and LaTeX both write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xstilts.reports.alarms import REMARK as ALARMS
from xstilts.reports.document import Document, Section
from xstilts.reports.drawn import REMARK as DRAWN
from xstilts.reports.figures.data_map import DataMap
from xstilts.reports.figures.pictures import Picture
from xstilts.reports.grids import Grid
from xstilts.reports.references import Reference
from xstilts.reports.subsets import HINT, REMARK


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A title; level 1 is that of the report."""

    text: str
    level: int


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """Running text, and the works that it cites."""

    text: str
    strong: bool = False
    label: str = ""
    """What comes before the text, which is then set off: ``Question``."""
    cites: tuple[Reference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bullets:
    """A list."""

    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GridBlock:
    """A table, with the level of its title."""

    grid: Grid
    level: int = 3


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Text as it is, line by line."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart; formats of text alone leave it out, since the same numbers are in a table."""

    name: str
    """For the name of a file."""
    picture: Picture | DataMap
    caption: str


@dataclass(frozen=True, kw_only=True)
class Works:
    """The list of references."""

    references: tuple[Reference, ...]


Block = Heading | Paragraph | Bullets | GridBlock | Listing | Figure | Works


def report_blocks(page: Document) -> Iterator[Block]:
    """The whole report."""
    yield Heading(text=page.title, level=1)
    if page.question:
        yield Paragraph(text=page.question, label="Question")
    yield Paragraph(text=page.verdict.sentence, strong=True)
    yield from (Paragraph(text=detail) for detail in page.verdict.details)
    if page.alarms:
        yield from (Heading(text="Negative transfer", level=2), Paragraph(text=ALARMS), Bullets(lines=page.alarms))
    if page.warnings:
        yield from (Heading(text="Read this first", level=2), Bullets(lines=page.warnings))
    yield from _grids("Contrasts that answer the question", (), page.contrasts)
    yield Heading(text="Gain matrix", level=2)
    yield from (GridBlock(grid=grid) for grid in page.heat_maps)
    yield Bullets(lines=page.legend)
    yield from charts(page)
    yield from _grids("Chosen rows", (REMARK,), page.subsets)
    if page.subsets:
        yield Paragraph(text=HINT)
    yield from (
        Figure(name=f"data-map-{number}", picture=one, caption=one.title)
        for number, one in enumerate(page.data_maps, start=1)
    )
    yield from _grids("Examples by language", (DRAWN,), page.drawn)
    if page.failures:
        yield from (Heading(text="Failed", level=2), Bullets(lines=page.failures))
    if page.degenerate:
        yield from (Heading(text="Degenerate runs", level=2), Paragraph(text=page.degenerate_remark))
        yield Bullets(lines=page.degenerate)
    yield from _grids("By morphological type", (page.morphology_remark,), page.morphology[:1])
    for part in page.parts:
        yield from _sections(part.title, part.remark, part.sections)
    yield from _sections("Robustness", page.robustness_remark, page.robustness)
    if page.robustness_chart:
        yield Figure(name="robustness", picture=page.robustness_chart, caption="Gains on other forms of the test rows.")
    yield from _sections("Contamination", page.contamination_remark, page.contamination)
    yield from run_blocks(page)


def charts(page: Document) -> Iterator[Figure]:
    """The charts of gains."""
    if page.forest:
        yield Figure(name="gains", picture=page.forest, caption="Gains with their 95 % intervals, in points.")
    if page.language_chart:
        yield Figure(
            name="languages", picture=page.language_chart, caption="Gains by morphological type and by language."
        )


def run_blocks(page: Document) -> Iterator[Block]:
    """What was run, the tables of every target, and where it all comes from."""
    yield Heading(text="What was run, where, and how long it took", level=2)
    for one in page.facts:
        yield Heading(text=one.title, level=3)
        yield Bullets(lines=tuple(f"{key}: {value}" for key, value in one.items))
    for section in page.sections:
        yield from _grids(section.title, (" ".join(section.remarks),), section.grids)
    yield Heading(text="Provenance", level=2)
    yield Paragraph(text="The keys of the nodes behind each cell are in the CSV report.")
    yield from (Listing(text=text) for text in (page.command, page.experiment) if text)


def _grids(title: str, remarks: Sequence[str], grids: Sequence[Grid]) -> Iterator[Block]:
    """A part of tables under one title; nothing where there are none."""
    if grids:
        yield Heading(text=title, level=2)
        yield from (Paragraph(text=remark) for remark in remarks)
        yield from (GridBlock(grid=grid) for grid in grids)


def _sections(title: str, remark: str, sections: Sequence[Section]) -> Iterator[Block]:
    """A part of the report that has sections of its own; nothing where there are none."""
    if sections:
        yield from (Heading(text=title, level=2), Paragraph(text=remark))
    for section in sections:
        yield Heading(text=section.title, level=3)
        yield from (Paragraph(text=remark) for remark in section.remarks)
        yield from (GridBlock(grid=grid, level=4) for grid in section.grids)
