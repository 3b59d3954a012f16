"""Writes a leaderboard folder: all of it or nothing, and the manifest last."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import ConfigError
from xstilts.leaderboard.files import MANIFEST

SCHEMA = 1
"""The version of the manifest."""


def check_free(directory: Path, *, where: str) -> None:
    """Refuses a folder that is not empty: nothing is ever overwritten or mixed.

    Raises:
        ConfigError: it does, or it is a file.
    """
    if directory.exists() and not directory.is_dir():
        raise ConfigError(f"{directory} is a file", where=where)
    if directory.is_dir() and any(directory.iterdir()):
        raise ConfigError(f"{directory} is not empty", where=where, hint="name a new folder")


def write_folder(directory: Path, files: Mapping[str, str], manifest: Mapping[str, Any]) -> None:
    """Writes files and a manifest with the SHA-256 of each into a neighbour, which then takes the folder's place.

    Args:
        directory: a folder that is new or empty.
        files: path below it → text.
        manifest: what else the manifest says.
    """
    directory = directory.absolute()
    directory.parent.mkdir(parents=True, exist_ok=True)
    neighbour = directory.with_name(f".{directory.name}.{secrets.token_hex(4)}.partial")
    try:
        sums = {}
        for name, text in files.items():
            path = neighbour / name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = text.encode("utf-8")
            path.write_bytes(data)
            sums[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        said = {"schema": SCHEMA, **manifest, "files": sums}
        (neighbour / MANIFEST).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        neighbour.replace(directory)  # an empty folder gives way
    except BaseException:
        shutil.rmtree(neighbour, ignore_errors=True)
        raise
