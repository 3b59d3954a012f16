"""``xstilts list``: the names of one kind."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xstilts.cli.options import LISTED, JsonOption
from xstilts.cli.printing import print_json, print_table


def listing(
    what: Annotated[str, typer.Argument(metavar=LISTED, show_default=False)],
    json: JsonOption = False,
) -> None:
    """List tasks, models, languages, methods …"""
    from xstilts.cli.catalogue import CATALOGUE, COLUMNS
    from xstilts.errors import UnknownName

    if what not in CATALOGUE:
        raise UnknownName("list", what, CATALOGUE)
    rows = [{"name": name, **row} for name, row in CATALOGUE[what]().items()]
    if json:
        print_json(rows)
    else:
        print_table([_short(row) for row in rows], COLUMNS[what])


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """Long columns cut to what a list needs: how many languages, the codes without their systems."""
    short = dict(row)
    if isinstance(short.get("languages"), list):
        short["languages"] = len(short["languages"])
    if isinstance(short.get("codes"), dict):
        short["codes"] = sorted(set(short["codes"].values()))
    return short
