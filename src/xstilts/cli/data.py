"""``xstilts data``: what a data folder holds, counted and compared with the published sizes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xstilts.cli.options import DataOption, JsonOption, existing_folder
from xstilts.cli.printing import as_json, note, print_json, print_table
from xstilts.errors import ConfigError

app = typer.Typer(no_args_is_help=True, help="Check data files.")


@app.callback()
def _data() -> None:
    """Check data files."""


@app.command("check")
def check(
    task: Annotated[
        list[str] | None, typer.Argument(metavar="[TASK]...", help="Tasks to check.  [default: all]")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Read every split of every language, and compare the counts with the published sizes.

    A row that cannot be read ends the check with its file and line.
    """
    from xstilts import registry
    from xstilts.tasks import checking

    root = existing_folder(data)
    if root is None:
        raise ConfigError("name the folder that holds the data", where="data check", hint="--data DIR")
    chosen = {name: registry.find("tasks", name) for name in task or registry.names("tasks")}
    rows = [{"task": name, **_row(row)} for name, found in chosen.items() for row in checking.check(found, root)]
    absent = [name for name in chosen if not any(row["task"] == name for row in rows)]
    if json:
        print_json(rows)
    else:
        print_table(rows, {key: key.replace("_", " ") for row in rows[:1] for key in row})
    if absent:
        note(f"no files of {', '.join(absent)} below {root}")


def _row(row: object) -> dict[str, Any]:
    shown: dict[str, Any] = as_json(row)
    return shown
