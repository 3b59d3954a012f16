"""The record that a run leaves in its output folder: everything that a report needs beside the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import ConfigError, UnknownName
from xstilts.experiments import document
from xstilts.experiments.schema import Experiment
from xstilts.runs.folders import default_out

RECORD = "run.json"
SCHEMA = 1
"""Of the record."""


def every_run() -> list[Path]:
    """All finished runs below ``.xstilts/runs``."""
    return sorted(file.parent for file in default_out("x").parent.glob(f"*/{RECORD}"))


def load_record(given: str | Path) -> tuple[Path, dict[str, Any]]:
    """The output folder of a finished run, by name or folder, and the record in it.

    Raises:
        ConfigError: no such run, or a record that cannot be read.
    """
    directory = next((p for p in (Path(given), default_out(str(given))) if (p / RECORD).is_file()), None)
    if directory is None:
        runs = [folder.name for folder in every_run()]
        raise UnknownName("run", str(given), runs, hint="a run's name, or its output folder")
    try:
        record = json.loads((directory / RECORD).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"the record of the run cannot be read: {error}", where=directory / RECORD) from None
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise ConfigError("not a record of a run of this version", where=directory / RECORD, hint="run it again")
    return directory, record


def experiment_of(directory: Path, record: Mapping[str, Any]) -> Experiment:
    """The experiment that a run's record holds.

    Raises:
        ConfigError: it is of a version that is not understood.
    """
    try:
        return Experiment(**document.parse(record["experiment"], name=str(directory / RECORD)))
    except ConfigError as error:
        hint = "run it again"
        raise ConfigError(f"the run's experiment is not understood: {error}", where=directory, hint=hint) from None
