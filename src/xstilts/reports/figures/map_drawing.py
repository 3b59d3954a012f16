"""Draws a data map as SVG, with the colours of the page.

Importing this module imports altair: import it where something is drawn.
"""

from __future__ import annotations

import html
import io

import altair as alt

from xstilts.reports.figures.data_map import DataMap

WIDTH, HEIGHT = 420, 340
LOW, HIGH = "#e67314", "#1f77c8"
"""Never right, and right in every epoch: orange and blue, which colour-blind readers can distinguish."""


def svg(picture: DataMap) -> str:
    """The map as one ``<svg>`` element: no scripts, no requests, the same bytes every time."""
    names = ("variability", "confidence", "correctness", "chosen")
    rows = [dict(zip(names, point, strict=True)) for point in picture.points]
    widest = max(0.1, *(row["variability"] for row in rows))
    x = alt.X("variability:Q", scale=alt.Scale(domain=[0, widest], nice=True), title="variability")
    y = alt.Y("confidence:Q", scale=alt.Scale(domain=[0, 1]), title="confidence")
    colour = alt.Scale(domain=[0, max(picture.epochs, 1)], range=[LOW, HIGH])
    legend = alt.Legend(title="epochs right", tickMinStep=1, labelColor="currentColor", titleColor="currentColor")
    base = alt.Chart({"values": rows})
    points = base.mark_point(filled=True, size=22, opacity=0.6).encode(
        x=x, y=y, color=alt.Color("correctness:Q", scale=colour, legend=legend)
    )
    ringed = alt.Chart({"values": [row for row in rows if row["chosen"]]})
    rings = ringed.mark_point(filled=False, size=46, opacity=0.8, strokeWidth=0.8, stroke="currentColor").encode(
        x=x, y=y
    )
    chart = (
        alt.layer(points, rings)
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
    label = html.escape(picture.description)
    return file.getvalue().strip().replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
