"""A drawn chart as an image with a description, for a page."""

from __future__ import annotations

import html
import re

GROUP = re.compile(r'(<g class="[^"]*") role="graphics-(?:symbol|object)" aria-roledescription="[^"]*"')
"""What the charting library says of the parts of a chart; parts without a name of their own are noise to listeners."""


def labelled(svg: str, description: str) -> str:
    """The ``<svg>`` element with the role of an image and the description as its name; its parts have no roles."""
    image = f'<svg role="img" aria-label="{html.escape(description)}" '
    return GROUP.sub(r"\1", svg.strip()).replace("<svg ", image, 1)
