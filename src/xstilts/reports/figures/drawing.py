"""Draws a picture as SVG; it takes its colours from the page, so that one drawing serves both themes.

Importing this module imports altair: import it where something is drawn.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import altair as alt

from xstilts.reports.figures.labelling import labelled
from xstilts.reports.figures.pictures import Line, Mark, Picture

STEP = 20
"""Height of a line, in pixels."""
FONT = 12
NARROWEST, WIDEST = 110, 560
"""Widths of a panel of gains, in pixels; the panels share ``TOGETHER``."""
TOGETHER = 720
SCORES = 120
"""Width of a panel of scores."""
KINDS = ("gain", "loss", "unsure", "score")
"""Colours of marks: interval above zero, below zero, around zero, or no gain at all."""
# Colour and shape both tell them apart. `currentColor` and the variables are the page's.
COLOURS = ("var(--gain)", "var(--loss)", "var(--soft)", "currentColor")
FILLS = ("var(--gain)", "var(--loss)", "var(--back)", "currentColor")
SHAPES = ("triangle-up", "triangle-down", "circle", "circle")

Row = Mapping[str, object]
Part = alt.LayerChart | alt.FacetChart


def svg(picture: Picture) -> str:
    """The picture as one ``<svg>`` element: no scripts, no requests, the same bytes every time."""
    gains = sum(panel.gains for panel in picture.panels)
    width = max(NARROWEST, min(WIDEST, TOGETHER // max(gains, 1)))
    parts = [_texts(picture.lines, [line.label for line in picture.lines], indent=12)]
    for index, panel in enumerate(picture.panels):
        parts.append(_panel(picture, index, width if panel.gains else SCORES))
    if any(line.remark for line in picture.lines):
        parts.append(_texts(picture.lines, [line.remark for line in picture.lines], indent=0))
    chart = alt.hconcat(*parts, spacing=16).configure(
        aria=False,
        background="transparent",
        font="system-ui, sans-serif",
        padding=4,
        view=alt.ViewConfig(stroke=None),
        text=alt.MarkConfig(color="currentColor", fontSize=FONT),
        title=alt.TitleConfig(color="currentColor", fontSize=FONT, anchor="start", offset=6),
        axis=alt.AxisConfig(
            labelColor="currentColor", labelFontSize=11, domain=False, tickColor="var(--line)", gridColor="var(--line)"
        ),
    )
    file = io.StringIO()
    chart.save(file, format="svg")
    return labelled(file.getvalue(), picture.description)


def _texts(lines: Sequence[Line], texts: Sequence[str], *, indent: int) -> Part:
    """A panel of text: headings are bold, the lines below them are indented."""
    width = max(_width(text) for text in texts) + indent
    rows = [
        {"row": row, "text": text, "strong": line.strong}
        for row, (line, text) in enumerate(zip(lines, texts, strict=True))
    ]
    layers = [_bands(lines)]
    for strong in (True, False):
        mark = _chart(row for row in rows if row["strong"] == strong).mark_text(
            align="left", baseline="middle", fontWeight="bold" if strong else "normal", limit=width
        )
        layers.append(mark.encode(y=_y(lines), x=alt.value(4 if strong else 4 + indent), text=alt.Text("text:N")))
    return alt.layer(*layers).properties(width=width + 8, height=STEP * len(lines))


def _panel(picture: Picture, index: int, width: int) -> Part:
    """The marks of one panel on its axis, each with its interval; words where there is no number."""
    panel = picture.panels[index]
    marks = [(row, mark) for row, line in enumerate(picture.lines) if (mark := line.marks[index])]
    rows = [_numbers(row, mark, gains=panel.gains) for row, mark in marks if mark.value is not None]
    words = [{"row": row, "text": mark.words, "x": 0} for row, mark in marks if mark.value is None]
    sign = "+" if panel.gains else ""
    ticks = f"datum.value == 0 ? '0' : format(datum.value, '{sign}.2~f')"
    axis = alt.Axis(title=None, orient="top", tickCount=width // 40, labelExpr=ticks)
    x = alt.X("value:Q", scale=alt.Scale(domain=_domain(picture, gains=panel.gains), nice=False), axis=axis)
    y = _y(picture.lines)
    stroke = alt.Stroke("kind:N", scale=alt.Scale(domain=KINDS, range=COLOURS), legend=None)
    fill = alt.Fill("kind:N", scale=alt.Scale(domain=KINDS, range=FILLS), legend=None)
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=KINDS, range=SHAPES), legend=None)
    layers = [
        _bands(picture.lines),
        _chart([{"value": 0}]).mark_rule(color="currentColor", opacity=0.6).encode(x=x),
        _chart(rows).mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q", y=y, stroke=stroke),
        _chart(rows).mark_point(size=48, opacity=1).encode(x=x, y=y, stroke=stroke, fill=fill, shape=shape),
        _chart(words).mark_text(align="left", dx=4).encode(x=alt.X("x:Q"), y=y, text=alt.Text("text:N")),
    ]
    title = alt.TitleParams(panel.title, limit=width + 8)
    return alt.layer(*layers).properties(width=width, height=STEP * len(picture.lines), title=title)


def _numbers(row: int, mark: Mark, *, gains: bool) -> Row:
    """A mark in per cent or points; without an interval its ends are the mark itself."""
    assert mark.value is not None
    low = mark.value if mark.low is None else mark.low
    high = mark.value if mark.high is None else mark.high
    kind = {1: "gain", -1: "loss", 0: "unsure"}[mark.sign] if gains else "score"
    return {"row": row, "value": 100 * mark.value, "low": 100 * low, "high": 100 * high, "kind": kind}


def _domain(picture: Picture, *, gains: bool) -> list[float]:
    """One axis for all panels of gains, one for those of scores: with zero, and room for the marks."""
    found = [0.0]
    for line in picture.lines:
        for panel, mark in zip(picture.panels, line.marks, strict=True):
            if mark and panel.gains == gains:
                found += [100 * end for end in (mark.value, mark.low, mark.high) if end is not None]
    low, high = min(found), max(found)
    room = 0.05 * (high - low) or 1.0
    return [low - room, high + room]


def _bands(lines: Sequence[Line]) -> alt.Chart:
    """The background of headings."""
    rows = [{"row": row} for row, line in enumerate(lines) if line.strong]
    bands: alt.Chart = _chart(rows).mark_rect(fill="currentColor", opacity=0.07).encode(y=_y(lines))
    return bands


def _y(lines: Sequence[Line]) -> alt.Y:
    return alt.Y("row:O", scale=alt.Scale(domain=list(range(len(lines))), padding=0), axis=None)


def _chart(rows: Iterable[Row]) -> alt.Chart:
    return alt.Chart({"values": list(rows)})


def _width(text: str) -> int:
    """About how many pixels bold text takes; scripts with wide letters take two columns."""
    return sum(13 if unicodedata.east_asian_width(one) in "WF" else 7 for one in text)
