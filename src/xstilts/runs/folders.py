"""Where a run's results and reports are kept unless the user says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

from xstilts.errors import ConfigError
from xstilts.pipeline.locations import open_store
from xstilts.pipeline.store import Store
from xstilts.pipeline.writable import obstacle


def default_store() -> str:
    """``.xstilts/store`` in the current folder, or the directory or URL that ``XSTILTS_STORE`` names."""
    return os.environ.get("XSTILTS_STORE") or ".xstilts/store"


def store_at(location: Store | str | Path | None) -> Store:
    """The store at a directory or a URL; the default one if none is named.

    Raises:
        UserError: it cannot be opened, or behind its URL nothing can be read.
    """
    if isinstance(location, Store):
        return location
    store = open_store(location or default_store())
    store.connect()
    return store


def reports_folder(out: str | Path | None, name: str) -> Path:
    """Where the reports of an experiment go, before anything runs: not where they cannot be written in the end.

    Raises:
        ConfigError: it is not a folder, or has a name that none can have.
    """
    folder = Path(out) if out else default_out(name)
    if reason := obstacle(folder.absolute()):
        raise ConfigError(reason, where="--out")
    return folder


def default_out(name: str) -> Path:
    """Where the reports of an experiment go: ``.xstilts/runs/<name>``."""
    return Path(".xstilts/runs") / name
