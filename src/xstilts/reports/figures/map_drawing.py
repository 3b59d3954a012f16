"""Draws a data map as SVG, with the colours of the page.

Importing this module imports altair: import it where something is drawn.
"""

from __future__ import annotations

import io
import math

import altair as alt

from xstilts.reports.figures.data_map import DataMap
from xstilts.reports.figures.labelling import labelled

WIDTH, HEIGHT = 420, 340
COLOURS = ("#e67314", "#9a9a9a", "#1f77c8")
"""Never right, in half of the epochs, and in every one: from orange over grey to blue, which colour-blind readers can
distinguish, and which are legible on white and on black."""
TICKS = 10
"""Entries of the legend, about."""
SMALL, LARGE = 14, 26
"""Sizes of the points of rows that were left and of those that were chosen."""


def svg(picture: DataMap) -> str:
    """The map as one ``<svg>`` element: no scripts, no requests, the same bytes every time."""
    names = ("variability", "confidence", "correctness", "chosen")
    rows = [dict(zip(names, point, strict=True)) for point in picture.points]
    widest = max(0.1, *(row["variability"] for row in rows))
    x = alt.X("variability:Q", scale=alt.Scale(domain=[0, widest], nice=True), title="variability")
    y = alt.Y("confidence:Q", scale=alt.Scale(domain=[0, 1]), title="confidence")
    most = max(picture.epochs, 1)
    scale = alt.Scale(domain=[0, most / 2, most], range=list(COLOURS), interpolate="rgb")
    values = list(range(most, -1, -math.ceil(most / TICKS)))  # from the top, as confidence is
    legend = alt.Legend(title="epochs right", values=values, labelColor="currentColor", titleColor="currentColor")
    colour = alt.Color("correctness:Q", scale=scale, legend=legend)
    left, chosen = (alt.Chart({"values": [row for row in rows if bool(row["chosen"]) is own]}) for own in (False, True))
    chart = (
        alt.layer(
            left.mark_point(filled=False, size=SMALL, opacity=0.6, strokeWidth=0.8).encode(x=x, y=y, color=colour),
            chosen.mark_point(filled=True, size=LARGE, opacity=0.75).encode(x=x, y=y, color=colour),
        )
        .properties(width=WIDTH, height=HEIGHT, title=picture.title)
        .configure(
            aria=False,
            background="transparent",
            font="system-ui, sans-serif",
            padding=4,
            view=alt.ViewConfig(stroke=None),
            title=alt.TitleConfig(color="currentColor", fontSize=12, anchor="start", offset=6),
            axis=alt.AxisConfig(
                labelColor="currentColor",
                titleColor="currentColor",
                domain=False,
                tickColor="var(--line)",
                gridColor="var(--line)",
            ),
        )
    )
    file = io.StringIO()
    chart.save(file, format="svg")
    return labelled(file.getvalue(), picture.description)
