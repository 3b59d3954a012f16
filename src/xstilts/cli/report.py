"""``xstilts report``: the gain matrix of a finished run in another format. Never imports torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xstilts.cli.options import JsonOption
from xstilts.cli.printing import print_json, say


def report(
    run: Annotated[str, typer.Argument(help="A run's name, or its output folder.", show_default=False)],
    format_: Annotated[
        str | None, typer.Option("--format", metavar="html|md|csv", help="Print it in this format.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to a file, not to stdout.")] = None,
    json: JsonOption = False,
) -> None:
    """Print the gain matrix of a run.

    It is printed for the terminal, or in one of the report formats.
    """
    from xstilts import registry
    from xstilts.errors import ConfigError
    from xstilts.runs import running

    if out is not None and format_ is None:
        raise ConfigError("--out needs --format")
    writer = None if format_ is None else registry.find("reports", _ALIASES.get(format_, format_), where="--format")
    loaded = running.load_run(run)
    if json:
        print_json({"run": loaded.run, "results": loaded.table.results()})
    elif writer is None:
        from rich.console import Console

        from xstilts.reports import terminal

        terminal.print_matrix(loaded.table, loaded.info, Console())
    elif out is None:
        say(writer.render(loaded.table, loaded.info).rstrip("\n"))
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(writer.render(loaded.table, loaded.info), encoding="utf-8")
        say(str(out))


_ALIASES = {"markdown": "md"}
