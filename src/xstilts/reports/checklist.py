"""The checklist of responsible NLP research, answered from a run, as Markdown."""

from __future__ import annotations

from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.reports.md import markdown
from xstilts.reports.papers.responsible import checklist_blocks
from xstilts.reports.report_format import Format


def render(table: Table, info: RunInfo) -> str:
    """All questions with their answers; what is left to the authors is marked."""
    return markdown(checklist_blocks(table, info))


FORMAT = Format(name="checklist", suffix=".md", render=render, with_every_run=False)
