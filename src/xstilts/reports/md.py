"""The report as Markdown (CommonMark with tables)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.reports.alarms import REMARK as ALARMS
from xstilts.reports.document import Section, document
from xstilts.reports.drawn import REMARK as DRAWN
from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.report_format import Format
from xstilts.reports.subsets import HINT, REMARK


def render(table: Table, info: RunInfo) -> str:
    """The whole report; the user's names are escaped."""
    page = document(table, info)
    blocks = [f"# {escaped(page.title)}"]
    blocks += [f"Question: *{escaped(page.question)}*"] if page.question else []
    blocks.append(f"**{escaped(page.verdict.sentence)}**")
    blocks += [escaped(detail) for detail in page.verdict.details]
    if page.alarms:
        blocks += ["## Negative transfer", escaped(ALARMS), _bullets(page.alarms)]
    if page.warnings:
        blocks += ["## Read this first", _bullets(page.warnings)]
    if page.contrasts:
        blocks += ["## Contrasts that answer the question", *(_table(grid, level=3) for grid in page.contrasts)]
    blocks.append("## Gain matrix")
    blocks += [_table(grid, level=3) for grid in page.heat_maps]
    blocks.append(_bullets(page.legend))
    if page.subsets:
        blocks += ["## Chosen rows", escaped(REMARK), *(_table(grid, level=3) for grid in page.subsets), escaped(HINT)]
    if page.drawn:
        blocks += ["## Examples by language", escaped(DRAWN), *(_table(grid, level=3) for grid in page.drawn)]
    if page.failures:
        blocks += ["## Failed", _bullets(page.failures)]
    if page.degenerate:
        blocks += ["## Degenerate runs", escaped(page.degenerate_remark), _bullets(page.degenerate)]
    if page.morphology:
        blocks += ["## By morphological type", escaped(page.morphology_remark), _table(page.morphology[0], level=3)]
    for part in page.parts:
        blocks += _sections(part.title, part.remark, part.sections)
    blocks += _sections("Robustness", page.robustness_remark, page.robustness)
    blocks += _sections("Contamination", page.contamination_remark, page.contamination)
    blocks.append("## What was run, where, and how long it took")
    for one in page.facts:
        blocks += [f"### {escaped(one.title)}", _bullets(f"{key}: {value}" for key, value in one.items)]
    for section in page.sections:
        blocks.append(f"## {escaped(section.title)}")
        blocks.append(" ".join(map(escaped, section.remarks)))
        blocks += [_table(grid, level=3) for grid in section.grids]
    blocks.append("## Provenance")
    blocks.append("The keys of the nodes behind each cell are in the CSV report.")
    blocks += [_fenced(text) for text in (page.command, page.experiment) if text]
    return "\n\n".join(blocks) + "\n"


def _sections(title: str, remark: str, sections: Sequence[Section]) -> list[str]:
    """A part of the report that has sections of its own; nothing where there are none."""
    blocks = [f"## {title}", escaped(remark)] if sections else []
    for section in sections:
        blocks += [f"### {escaped(section.title)}", *map(escaped, section.remarks)]
        blocks += [_table(grid, level=4) for grid in section.grids]
    return blocks


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, no column break."""
    text = re.sub(r"([\\`*\[\]<>|&~#!{}])", r"\\\1", text)
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {escaped(line)}" for line in lines)


def _table(grid: Grid, *, level: int) -> str:
    lines = [
        f"{'#' * level} {escaped(grid.title)}",
        "",
        _row([grid.corner, *map(escaped, grid.columns)]),
        _row(["---", *["---:" for _ in grid.columns]]),
    ]
    # Entries hold numbers and words of ours alone, and the brackets of an interval read better unescaped.
    lines += [_row([escaped(title), *map(_entry, entries)]) for title, entries in grid.rows]
    return "\n".join(lines)


def _entry(entry: Entry) -> str:
    return " · ".join([entry.main, *entry.details])


def _row(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _fenced(text: str) -> str:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}"


FORMAT = Format(name="md", suffix=".md", render=render)
