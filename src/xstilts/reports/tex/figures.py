"""Charts as PDF files, in the colours of paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from xstilts.reports.blocks import Block, Figure
from xstilts.reports.figures.data_map import DataMap

COLOURS: Mapping[str, str] = {
    "--text": "#000000",
    "--soft": "#555555",
    "--line": "#cccccc",
    "--back": "#ffffff",
    "--gain": "#0b5cad",
    "--loss": "#b4480a",
}
"""What a page gives as variables of its style sheet: those of the light page."""


def write_figures(blocks: Iterable[Block], folder: Path, stem: str) -> tuple[list[Path], list[str]]:
    """Every chart among the blocks as ``STEM-NAME.pdf``.

    Returns:
        The files, and for each chart that cannot be drawn what it was and why.
    """
    files, lacking = [], []
    for block in blocks:
        if isinstance(block, Figure):
            try:
                drawn = pdf(block)
            except (ImportError, OSError, ValueError) as error:
                reason = str(error).partition("\n")[0]
                lacking.append(f"the chart “{block.caption}” could not be drawn: {reason}")
                continue
            files.append(folder / f"{stem}-{block.name}.pdf")
            files[-1].write_bytes(drawn)
    return files, lacking


def pdf(figure: Figure) -> bytes:
    """The chart; altair and the converter are imported where something is drawn."""
    import vl_convert

    if isinstance(figure.picture, DataMap):
        from xstilts.reports.figures.map_drawing import svg as map_svg

        drawn = map_svg(figure.picture)
    else:
        from xstilts.reports.figures.drawing import svg

        drawn = svg(figure.picture)
    converted: bytes = vl_convert.svg_to_pdf(on_paper(drawn))
    return converted


def on_paper(svg: str) -> str:
    """The drawing with colours in place of the page's variables."""
    coloured = re.sub(r"var\((--[a-z-]+)[^)]*\)", lambda one: COLOURS.get(one[1], "#000000"), svg)
    return coloured.replace("currentColor", "#000000").replace("system-ui, ", "")
