"""Where things lie: data files of an experiment, the default store, the default output."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from xstilts.errors import ConfigError


def locate(given: str, *, data: Path | None, folder: Path | None, where: str = "") -> Path:
    """A data file or folder of an experiment: below ``--data`` first, then beside the experiment file.

    An absolute path is taken as it stands. A relative one may not leave the folder in which it is looked up.

    Raises:
        ConfigError: the path escapes its folder, or nothing lies there; names the folders that were searched.
    """
    path = Path(given).expanduser()
    if path.is_absolute():
        searched = [path]
    else:
        normal = PurePosixPath(os.path.normpath(PurePosixPath(path.as_posix())))
        if normal.parts[:1] == ("..",):
            raise ConfigError(f"{given!r} escapes the data folder; name a path inside it", where=where)
        searched = [base / normal for base in (data, folder) if base is not None]
    for candidate in searched:
        if candidate.exists():
            return candidate
    places = ", ".join(str(candidate) for candidate in searched) or "no --data folder was given"
    hint = "" if data is not None or path.is_absolute() else "paths are looked up below --data first"
    raise ConfigError(f"{given!r} does not exist: looked for {places}", where=where, hint=hint)


def data_folder(given: Path | None) -> Path | None:
    """The folder of ``--data``.

    Raises:
        ConfigError: it does not exist or is not a folder.
    """
    if given is not None and not given.is_dir():
        state = "is not a folder" if given.exists() else "does not exist"
        raise ConfigError(f"the data folder {state}", where=f"--data {given}")
    return given


def default_store() -> Path:
    """``.xstilts/store`` in the current folder, or what the environment variable ``XSTILTS_STORE`` names."""
    return Path(os.environ.get("XSTILTS_STORE") or ".xstilts/store")


def default_out(name: str) -> Path:
    """Where the reports of an experiment go: ``.xstilts/runs/<name>``."""
    return Path(".xstilts/runs") / name
