"""``xstilts data``: what a data folder holds, counted and compared with the published sizes."""

from __future__ import annotations

from typing import Annotated

import typer

from xstilts.cli.options import DataOption, JsonOption, existing_folder
from xstilts.cli.printing import as_json, note, print_json, print_table
from xstilts.errors import ConfigError

COLUMNS = {
    "task": "task",
    "split": "split",
    "language": "language",
    "count": "examples",
    "published": "published",
    "status": "status",
}
app = typer.Typer(no_args_is_help=True, help="Check data files.")


@app.callback()
def _data() -> None:
    """Check data files."""


@app.command("check")
def check(
    task: Annotated[
        list[str] | None, typer.Argument(metavar="[TASK]...", help="Tasks to check.  [default: all that are read]")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Read every split of every language, and compare the counts with the published sizes.

    Exit code 2 if a file cannot be read; a count that differs is only shown.
    """
    from xstilts import registry
    from xstilts.data import checking, discovery

    root = existing_folder(data)
    chosen = {name: registry.find("tasks", name) for name in task or registry.names("tasks")}
    if not task:  # what the package makes itself is not in a data folder
        chosen = {name: found for name, found in chosen.items() if not found.made}
    if root is None and not all(found.made for found in chosen.values()):
        raise ConfigError("name the folder that holds the data", where="data check", hint="--data DIR")
    rows = [{"task": name, **as_json(row)} for name, found in chosen.items() for row in checking.check(found, root)]
    if json:
        print_json(rows)
    else:
        print_table([row for row in rows if row["status"] != "unreadable"], COLUMNS)
    for row in rows:
        for remark in row["notes"]:
            kind = "error" if row["status"] == "unreadable" else "note"
            note(f"{kind}: {row['task']} {row['split']} {row['language']}: {remark}")
    present = {row["task"] for row in rows}
    if absent := [name for name in chosen if name not in present]:
        note(f"no files of {', '.join(absent)} below {root}")
    for name, found in chosen.items():
        for remark in discovery.discover(found, root).notes:
            note(f"note: {name}: {remark}")
    if any(row["status"] == "unreadable" for row in rows):
        raise typer.Exit(ConfigError.exit_code)
