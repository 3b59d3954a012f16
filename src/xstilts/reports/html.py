"""The report as one HTML page that needs nothing else: no scripts, no fonts, no requests."""

from __future__ import annotations

from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.reports.document import document
from xstilts.reports.report_format import Format


def render(table: Table, info: RunInfo) -> str:
    """The whole report; the template escapes every string."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xstilts.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["shade"] = shade
    return environment.get_template("report.html.jinja").render(page=document(table, info))


def shade(strength: float) -> str:
    """Background for a gain in [-1, 1]: blue for gains, orange for losses, so weak that both themes stay legible."""
    colour = "31, 119, 180" if strength > 0 else "230, 120, 20"
    return f"rgba({colour}, {min(abs(strength), 1.0) * 0.45:.2f})"


FORMAT = Format(name="html", suffix=".html", render=render)
