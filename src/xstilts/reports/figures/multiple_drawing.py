"""Draws the panel of one language as SVG, with the colours of the page.

There are very many of these and each is small, so they are written out here: a charting library takes a hundred times
as long and writes ten times as much.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable

from xstilts.reports.figures.multiples import LanguagePanel, Multiples
from xstilts.reports.figures.pictures import Mark
from xstilts.reports.numbers import points

WIDTH, LABEL, STEP, AXIS, INDENT = 260, 120, 16, 18, 8
"""Pixels: the panel, its labels, the height of a line and of the axis, and how far arms are indented under targets."""
COLUMNS = 18
"""Letters of a label that there is room for."""
ROOM = 8
"""Pixels left and right of the axis, for the marks."""
KINDS = {1: "gain", -1: "loss", 0: "soft"}
SHAPES = {
    1: "M0,-4.5L4,3.5H-4Z",
    -1: "M0,4.5L4,-3.5H-4Z",
    0: "M-3.5,0A3.5,3.5 0 1 1 3.5,0A3.5,3.5 0 1 1 -3.5,0Z",
}

Place = Callable[[float], float]
"""A gain, as a fraction → its place on the axis, in pixels."""


def svg(picture: Multiples, panel: LanguagePanel) -> str:
    """One ``<svg>`` element: no scripts, no requests, the same bytes every time."""
    low, high = picture.ends
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return LABEL + ROOM + (WIDTH - LABEL - 2 * ROOM) * (value - low) / span

    parts, row, group = [], 0, ""
    for (*groups, name), mark in panel.lines:
        if groups and groups[0] != group:
            group = groups[0]
            parts.append(_text(0, _middle(row), _shortened(group), strong=True))
            row += 1
        parts.append(_text(INDENT if groups else 0, _middle(row), _shortened(name)))
        parts += _mark(mark, _middle(row), place)
        row += 1
    height = STEP * row
    parts.insert(0, f'<path d="M{place(0):.1f},0V{height}" stroke="var(--line)"/>')
    ends = [(low, "start"), (0.0, "middle"), (high, "end")]
    for value, anchor in ends if low < 0 < high and _apart(place, low, high) else [(low, "start"), (high, "end")]:
        parts.append(_text(place(value), height + AXIS / 2, points(value), anchor=anchor, soft=True))
    label = html.escape(
        f"Gains in {panel.title}: " + "; ".join(f"{' '.join(name)} {_said(mark)}" for name, mark in panel.lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" width="{WIDTH}" '
        f'height="{height + AXIS}" viewBox="0 0 {WIDTH} {height + AXIS}" font-family="system-ui, sans-serif" '
        f'font-size="11" fill="currentColor">{"".join(parts)}</svg>'
    )


def _mark(mark: Mark, middle: float, place: Place) -> list[str]:
    if mark.value is None:
        return [_text(place(0.0) + 4, middle, mark.words)]
    colour = f"var(--{KINDS[mark.sign]})"
    fill = colour if mark.sign else "var(--back)"
    found = []
    if mark.low is not None and mark.high is not None:
        line = f"M{place(mark.low):.1f},{middle:g}H{place(mark.high):.1f}"
        found.append(f'<path d="{line}" stroke="{colour}" stroke-width="2"/>')
    where = f"translate({place(mark.value):.1f},{middle:g})"
    return [*found, f'<path transform="{where}" d="{SHAPES[mark.sign]}" stroke="{colour}" fill="{fill}"/>']


def _middle(row: int) -> float:
    return row * STEP + STEP / 2


def _text(x: float, y: float, text: str, *, anchor: str = "start", soft: bool = False, strong: bool = False) -> str:
    more = f' text-anchor="{anchor}"' if anchor != "start" else ""
    more += ' font-weight="600"' if strong else ""
    more += ' fill="var(--soft)"' if soft else ""
    return f'<text x="{x:.1f}" y="{y + 4:g}"{more}>{html.escape(text)}</text>'


def _apart(place: Place, low: float, high: float) -> bool:
    """Whether the numbers of the axis do not run into that at zero."""
    return place(0.0) - place(low) > 32 and place(high) - place(0.0) > 32


def _said(mark: Mark) -> str:
    return mark.words if mark.value is None else points(mark.value)


def _shortened(name: str) -> str:
    """As much of a label as there is room for; scripts with wide letters take two columns."""
    used = 0
    for index, letter in enumerate(name):
        used += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if used > COLUMNS:
            return f"{name[: max(index - 1, 0)]}…"
    return name
