"""``xstilts convert``: a pickled checkpoint, or one in 8 bits, to ordinary safetensors, by explicit command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xstilts.cli.options import JsonOption
from xstilts.cli.printing import print_json, say


def convert(
    checkpoint: Annotated[
        Path, typer.Argument(help="Folder with .bin weights or weights in 8 bits; or mini.", show_default=False)
    ],
    directory: Annotated[Path, typer.Argument(help="A new folder.", show_default=False)],
    json: JsonOption = False,
) -> None:
    """Turn a .bin checkpoint, or one in 8 bits, into ordinary safetensors.

    Only tensors are read; code in it is never run.
    """
    from xstilts.models.convert import convert as convert_checkpoint
    from xstilts.models.reference import shipped_directory

    convert_checkpoint(shipped_directory(str(checkpoint)) or checkpoint, directory)
    if json:
        print_json({"checkpoint": str(checkpoint), "directory": str(directory)})
    else:
        say(str(directory))
