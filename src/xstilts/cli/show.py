"""``xstilts show NAME``: what is known of one of the things that ``xstilts list`` lists."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xstilts.cli.options import LISTED, JsonOption
from xstilts.cli.printing import print_fields, print_json, say

IN_TEXT = ("documents", "reading", "untested")
"""Of a claim: its file, which is printed whole, has them."""


def show(
    name: Annotated[str, typer.Argument(show_default=False)],
    json: JsonOption = False,
) -> None:
    """Show one task, model, language, method, objective, augmentation, experiment, claim, predictor or report format.

    A task or model has its source, licence and paper; a method has the keys that it adds to an arm, an
    objective its options; a claim has the documents that state it, and what it says in terms of a run.
    """
    kind, key, row = find(name)
    text = row.pop("text", None)
    if json:
        print_json({"kind": kind.removesuffix("s"), "name": key, **row, **({"text": text} if text else {})})
        return
    say(f"{kind.removesuffix('s')} {key}")
    shown = {**row, "options": _options(row.get("options", {}))}
    later = {"notes", *(IN_TEXT if text else ())}
    print_fields({field: value for field, value in shown.items() if field not in later})
    if row.get("notes"):
        say()
        say(str(row["notes"]))
    if text:
        say()
        say(text.rstrip())


def find(name: str) -> tuple[str, str, dict[str, Any]]:
    """Kind, registered name and description of the thing called ``name``.

    Raises:
        UnknownName: nothing is; the message names the nearest.
    """
    from xstilts.cli.catalogue import CATALOGUE
    from xstilts.errors import UnknownName

    known: set[str] = set()
    for kind, rows in CATALOGUE.items():
        found = rows()
        for key, row in found.items():
            names = {key, *row.get("codes", {}).values()} if kind == "languages" else {key}
            if name in names:
                return kind, key, row
            known |= names
        families = {key.partition(":")[0] for key in found} if kind == "models" else set()
        if name in families:
            return kind, name, _family(name, found)
    raise UnknownName("name", name, known, hint=f"`xstilts list {LISTED}`")


def _options(keys: dict[str, dict[str, Any]]) -> dict[str, str]:
    """``cap (none)`` → what it is: the keys of a method or an objective with their defaults."""
    return {f"{name} ({_default(key)})": key.get("text", "") for name, key in keys.items()}


def _default(key: dict[str, Any]) -> str:
    if key.get("required"):
        return "required"
    default = key["default"]
    if isinstance(default, dict):
        default = ", ".join(f"{name}: {value}" for name, value in default.items())
    return "none" if default in (None, [], "") else str(default)


def _family(name: str, checkpoints: dict[str, dict[str, Any]]) -> dict[str, Any]:
    own = {key: row for key, row in checkpoints.items() if key.partition(":")[0] == name}
    first = next(iter(own.values()))
    shared = {field: first[field] for field in ("title", "architecture", "recipe", "paper", "notes")}
    sizes = {key: f"{_weights(row['parameters'])}, {row['hub'] or 'built here'}" for key, row in own.items()}
    return {**shared, "checkpoints": sizes}


def _weights(parameters: int | None) -> str:
    return "size not known" if parameters is None else f"{parameters:,} weights (embedding and matrices)"
