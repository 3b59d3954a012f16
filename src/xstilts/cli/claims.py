"""``xstilts claims``: what runs say of the claims in the ledger and of a user's own. Never imports torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xstilts.cli.options import JsonOption, RunsArgument
from xstilts.cli.printing import print_json, say

FORMATS = ("text", "md")


def claims(
    runs: RunsArgument = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--claims", metavar="FILE", help="A claim file of your own. May be repeated."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="Only this claim. May be repeated.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", metavar="text|md", help="Lines, or a Markdown table.")] = "text",
    json: JsonOption = False,
) -> None:
    """Judge claims by finished runs.

    Every claim is supported, contradicted, underpowered or not tested: by the interval of what it says, with the share
    of the bootstrap's replicates on its side and the smallest gain that the run could have seen. Each run judges alone.
    """
    from xstilts.errors import UnknownName
    from xstilts.runs.judging import judge

    if format_ not in FORMATS:
        raise UnknownName("format", format_, FORMATS, where="--format")
    found = judge(runs, files=files or (), only=only or ())
    if json:
        print_json([one.as_object() for one in found])
        return
    from xstilts.reports import claims as written
    from xstilts.reports.claims_in_markdown import markdown

    if format_ == "md":
        say(markdown(found).rstrip("\n"))
        return
    for one in found:
        for line in written.block(one):
            say(line)
        say()
    say(written.summary(found))
