"""Options that several commands share, each with one meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LISTED = "tasks|models|languages|methods|objectives|augmentations|experiments|claims|predictors|formats"
"""What ``xstilts list`` lists: the catalogue's names, known without reading it."""
ExperimentArgument = Annotated[
    str, typer.Argument(help="A ready experiment's name, or a YAML file.", show_default=False)
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE...",
        help="Set a key of the experiment: recipe.epochs=2, seeds=[1,2], targets.0=xnli. May be repeated.",
    ),
]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Folder in which data files are looked up first.")
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="DIR|URL",
        help="Where results are kept: a folder, or a URL such as s3://BUCKET/PREFIX.  "
        "[default: $XSTILTS_STORE or .xstilts/store]",
    ),
]
BudgetOption = Annotated[
    float | None,
    typer.Option("--budget", metavar="FLOPS", help="FLOPs that may be spent: 1e15.", show_default=False),
]
CoresOption = Annotated[
    int | None, typer.Option("--cores", min=1, help="Cores to use.  [default: all]", show_default=False)
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
RunsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[RUN]...",
        help="Runs by name or output folder.  [default: all below .xstilts/runs]",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def existing_folder(data: Path | None) -> Path | None:
    """The folder of ``--data``.

    Raises:
        ConfigError: it does not exist; names the nearest that does.
    """
    from xstilts.data.folders import data_folder

    return None if data is None else data_folder(data)
