"""The end of a run in the terminal: gains per arm and target, the verdict, what to know."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.reports.alarms import alarms
from xstilts.reports.document import warnings
from xstilts.reports.entries import Entry
from xstilts.reports.explained import explained_lines
from xstilts.reports.grids import failures, heat_maps
from xstilts.reports.numbers import plain
from xstilts.reports.question import opening

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

COLUMN = 17
"""Characters that a target takes."""
ASCII = str.maketrans({"−": "-", "–": "-", "▲": "^", "▼": "v", "×": "x", "·": "-", "…": "...", "“": '"', "”": '"'})


def print_matrix(table: Table, info: RunInfo, console: Console) -> None:
    """Prints the mean over target languages: the baseline's score, and gain, interval and mark of each arm.

    Args:
        table: the gain matrix.
        info: the run.
        console: the console to print on; without Unicode it gets ASCII, and several tables if it is narrow.
    """
    from rich.table import Table as RichTable
    from rich.text import Text

    def text(string: str, style: str = "") -> Text:
        cleaned = plain(string)
        return Text(cleaned if console.encoding.startswith("utf") else cleaned.translate(ASCII), style=style)

    for grid in heat_maps(table)[: 2 if table.few_shot and table.zero_shot else 1]:
        names = max([len(title) for title, _ in grid.rows], default=0)
        step = max(1, (console.width - names - 4) // COLUMN)
        for start in range(0, len(grid.columns), step):
            chosen = slice(start, start + step)
            shown = RichTable(title=text(f"{info.name}: {grid.title.lower()}") if start == 0 else None)
            shown.add_column(grid.corner)
            for column in grid.columns[chosen]:
                shown.add_column(text(column), justify="right")
            for title, entries in grid.rows:
                shown.add_row(text(title), *[_cell(entry, text) for entry in entries[chosen]])
            console.print(shown)
    console.print(text("Scores in per cent, gains over none in points, [95 % interval]; ▲ ▼ exclude zero.", "dim"))
    if table.answer is not None:
        console.print(text(table.answer.text))
    answer = opening(table)
    console.print(text(answer.sentence, "bold"))
    for detail in answer.details:
        console.print(text(detail))
    for line in alarms(table):
        console.print(text(f"negative transfer: {line}", "red"))
    for line in explained_lines(table):
        console.print(text(line))
    for failure in failures(table):
        console.print(text(f"failed: {failure}", "red"))
    for one in table.degenerate:
        console.print(text(f"{one.level}: {one.name}: {one.evidence}", "yellow"))
    for warning in warnings(table, info):
        console.print(text(f"note: {warning}", "yellow"))


def _cell(entry: Entry, text: Callable[..., Text]) -> Text:
    """Gain above its interval; in colour where the interval excludes zero."""
    style = {"failed": "red", "missing": "dim"}.get(entry.status, "")
    if entry.main.endswith("▲"):
        style = "bold green"
    elif entry.main.endswith("▼"):
        style = "bold red"
    cell = text(entry.main, style)
    for detail in entry.details:
        cell.append("\n").append_text(text(detail, "dim"))
    return cell
