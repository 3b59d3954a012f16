"""The numbers of a figure as rows, for the file that a page offers beside it: a header, then a row a mark or point."""

from __future__ import annotations

from xstilts.reports.figures.data_map import DataMap
from xstilts.reports.figures.multiples import Multiples
from xstilts.reports.figures.pictures import Mark, Picture

Row = list[str | float | None]
ENDS = ("value", "low", "high", "interval excludes zero")


def numbers_of(picture: Picture | DataMap | Multiples) -> list[Row]:
    """Gains and scores are fractions, as in the CSV report; a missing number is None."""
    rows: list[Row]
    if isinstance(picture, DataMap):
        rows = [["variability", "confidence", "correctness", "chosen"]]
        for point in picture.points:
            rows.append([*point])
        return rows
    if isinstance(picture, Multiples):
        lines = ((panel.language, " · ".join(name), mark) for panel in picture.panels for name, mark in panel.lines)
        return [["language", "line", *ENDS], *([language, name, *_ends(mark)] for language, name, mark in lines)]
    rows = [["group", "line", "panel", *ENDS]]
    group = ""
    for line in picture.lines:
        group = line.label if line.strong else group
        for panel, mark in zip(picture.panels, line.marks, strict=True):
            if mark is not None:
                rows.append([group, line.label, panel.title, *_ends(mark)])
    return rows


def _ends(mark: Mark) -> Row:
    return [*(None if one is None else round(one, 6) for one in (mark.value, mark.low, mark.high)), mark.sign]
