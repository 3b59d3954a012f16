"""The run as a short paper: Markdown, LaTeX, BibTeX and, where LuaLaTeX is installed, PDF."""

from __future__ import annotations

from pathlib import Path

from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.reports.md import markdown
from xstilts.reports.papers.contents import numbered, paper_blocks
from xstilts.reports.references import references
from xstilts.reports.report_format import Format, Written
from xstilts.reports.tex.preamble import figure_stem


def render(table: Table, info: RunInfo) -> str:
    """As Markdown."""
    return markdown(numbered(paper_blocks(table, info)))


def files(table: Table, info: RunInfo, file: Path) -> Written:
    """Every form of it under the stem of the file: what was asked for first, then the others."""
    from xstilts.reports.papers.bibliography import bibtex
    from xstilts.reports.tex.compiling import compiled
    from xstilts.reports.tex.figures import write_figures
    from xstilts.reports.tex.writing import latex

    blocks, stem = list(paper_blocks(table, info)), figure_stem(file.stem)
    author = " ".join(filter(None, ["xstilts", info.version]))
    texts = {
        ".md": markdown(numbered(blocks)),
        ".tex": latex(blocks, author=author, date=info.created.partition("T")[0], figures=stem, numbered=True),
        ".bib": bibtex(references(table, info)),
    }
    for suffix, text in texts.items():
        file.with_suffix(suffix).write_text(text, encoding="utf-8")
    charts, lacking = write_figures(blocks, file.parent, stem)
    pdf = file.with_suffix(".pdf")
    pdf.unlink(missing_ok=True)  # that of an earlier call says something else
    lacking += compiled(file.with_suffix(".tex"), pdf, charts)
    made = [file.with_suffix(suffix) for suffix in texts] + [pdf] * pdf.is_file()
    made.sort(key=lambda one: one != file)
    return Written(files=(*made, *charts), lacking=tuple(lacking))


FORMAT = Format(
    name="paper",
    suffix=".md",
    suffixes=(".tex", ".pdf"),
    render=render,
    files=files,
    with_every_run=False,
    claims=True,
)
