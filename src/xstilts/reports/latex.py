"""The report as one LaTeX file with booktabs tables, its charts beside it as PDF."""

from __future__ import annotations

from pathlib import Path

from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.reports.blocks import report_blocks
from xstilts.reports.document import document
from xstilts.reports.report_format import Format, Written
from xstilts.reports.tex.preamble import figure_stem


def render(table: Table, info: RunInfo) -> str:
    """The file alone: charts are shown where their files are beside it, and left out elsewhere."""
    return _text(table, info, figure_stem(info.name))


def files(table: Table, info: RunInfo, file: Path) -> Written:
    """The file, and every chart beside it."""
    from xstilts.reports.tex.figures import write_figures

    stem = figure_stem(file.stem)
    file.write_text(_text(table, info, stem), encoding="utf-8")
    charts, lacking = write_figures(report_blocks(document(table, info)), file.parent, stem)
    return Written(files=(file, *charts), lacking=tuple(lacking))


def _text(table: Table, info: RunInfo, figures: str) -> str:
    from xstilts.reports.tex.writing import latex

    author = " ".join(filter(None, ["xstilts", info.version]))
    return latex(report_blocks(document(table, info)), author=author, date=info.created, figures=figures)


FORMAT = Format(name="latex", suffix=".tex", render=render, files=files, with_every_run=False)
