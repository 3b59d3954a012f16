"""``xstilts report``: a finished run as a report in any format. Never imports torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xstilts.cli.options import JsonOption
from xstilts.cli.printing import note, print_json, say

if TYPE_CHECKING:
    from xstilts.reports.report_format import Format
    from xstilts.runs.running import RunResult

_ALIASES = {"markdown": "md", "tex": "latex"}


def report(
    run: Annotated[str, typer.Argument(help="A run's name, or its output folder.", show_default=False)],
    format_: Annotated[
        str | None,
        typer.Option("--format", metavar="html|md|csv|latex|paper|checklist", help="Print it in this format."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write to a file, not to stdout; what belongs to it is beside it."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Print the gain matrix of a run.

    It is printed for the terminal, or in one of the report formats. With --out, latex also writes the charts as PDF,
    and paper writes a short paper as Markdown, LaTeX, BibTeX and, where LuaLaTeX is installed, PDF: the name of the
    file says which of them is needed. checklist answers the checklist of responsible research from the run's
    manifests, and says what is left to its authors.
    """
    from xstilts import registry
    from xstilts.errors import ConfigError
    from xstilts.runs import running

    if out is not None and format_ is None:
        raise ConfigError("--out needs --format")
    writer = None if format_ is None else registry.find("reports", _ALIASES.get(format_, format_), where="--format")
    loaded = running.load_run(run, claims=writer is not None and writer.claims)
    if json:
        print_json({"run": loaded.run, "results": loaded.table.results()})
    elif writer is None:
        from rich.console import Console

        from xstilts.reports import terminal

        terminal.print_matrix(loaded.table, loaded.info, Console())
    elif out is None:
        say(writer.render(loaded.table, loaded.info).rstrip("\n"))
    else:
        _write(writer, loaded, out)


def _write(writer: Format, loaded: RunResult, out: Path) -> None:
    """Writes the files and says which; one that was asked for by name and could not be written is an error."""
    from xstilts.errors import UserError

    out = writer.file(out)
    written = writer.write(loaded.table, loaded.info, out)
    for file in written.files:
        say(str(file))
    if out not in written.files:
        raise UserError("; ".join(written.lacking))
    for text in written.lacking:
        note(f"note: {text}")
