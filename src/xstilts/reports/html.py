"""The report as one self-contained HTML page: one small script of our own, no fonts, no requests.

The page says everything without its script, which sorts, filters, shows details and saves tables and figures.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.reports.alarms import REMARK as ALARMS
from xstilts.reports.choices import choices
from xstilts.reports.document import document
from xstilts.reports.drawn import REMARK as DRAWN
from xstilts.reports.figures.data_map import DataMap
from xstilts.reports.figures.multiple_drawing import svg as panel_svg
from xstilts.reports.figures.multiples import LanguagePanel, Multiples, multiples
from xstilts.reports.figures.numbers_of import numbers_of
from xstilts.reports.figures.pictures import Picture
from xstilts.reports.numbers import points
from xstilts.reports.packed import STATUSES, blocks
from xstilts.reports.report_format import Format
from xstilts.reports.subsets import HINT, REMARK

if TYPE_CHECKING:
    from markupsafe import Markup

GAIN, LOSS = "31, 119, 200", "230, 115, 20"
"""Blue and orange: colour-blind readers can distinguish them, and text is legible on pale shades of both."""
FOLDED = 24
"""Panels of languages that are shown at once; more of them are folded."""
SCRIPTS = ("report.js", "saving.js")


def render(table: Table, info: RunInfo) -> str:
    """The whole report; the template escapes every string."""
    import jinja2
    from markupsafe import Markup

    loader = jinja2.PackageLoader("xstilts.reports", "templates")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    script = "\n".join(loader.get_source(environment, name)[0] for name in SCRIPTS)
    shown = choices(table)
    environment.filters.update(points=points, drawn=drawn, drawn_panel=drawn_panel, numbers_of=numbers_of)
    environment.globals.update(
        shade=shade, subsets_remark=REMARK, subsets_hint=HINT, drawn_remark=DRAWN, alarms_remark=ALARMS, shown=shown
    )
    page = document(table, info)
    large = bool(table.cells) and not page.sections
    return environment.get_template("report.html.jinja").render(
        page=page,
        multiples=None if large else multiples(table),
        folded=FOLDED,
        packed=tuple(blocks(table)) if large else (),
        facts={"languages": shown.languages, "statuses": STATUSES, "gain": GAIN, "loss": LOSS},
        script=Markup(script),  # noqa: S704
        script_hash=Markup(hash_of(script)),  # noqa: S704
    )


def hash_of(script: str) -> str:
    """What the page's policy allows to run (Content Security Policy, level 2): this script, and no other."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def shade(strength: float, sign: int) -> str:
    """Background for a gain in [-1, 1]: strong if its interval excludes zero, pale if it may be luck.

    The two ranges do not overlap: a small gain that is real is more visible than a large one that is not.
    """
    size = min(abs(strength), 1.0)
    opacity = 0.3 + 0.32 * size if sign else 0.18 * size
    return f"rgba({GAIN if strength > 0 else LOSS}, {opacity:.2f})"


def drawn(picture: Picture | DataMap) -> Markup:
    """The picture as SVG; its text was escaped when it was drawn.

    The same numbers are in a table, so a chart that cannot be drawn must not cost the report of a long run.
    """
    from markupsafe import Markup

    try:
        if isinstance(picture, DataMap):
            from xstilts.reports.figures.map_drawing import svg as map_svg

            return Markup(map_svg(picture))  # noqa: S704
        from xstilts.reports.figures.drawing import svg

        return Markup(svg(picture))  # noqa: S704
    except (ImportError, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        return Markup('<p class="soft">This chart could not be drawn ({}): {}.</p>').format(reason, picture.description)


def drawn_panel(panel: LanguagePanel, picture: Multiples) -> Markup:
    """The panel of one language as SVG; its text was escaped when it was drawn."""
    from markupsafe import Markup

    return Markup(panel_svg(picture, panel))  # noqa: S704


FORMAT = Format(name="html", suffix=".html", render=render)
