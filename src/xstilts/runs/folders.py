"""Where a run's results and reports lie unless the user says otherwise."""

from __future__ import annotations

import os
from pathlib import Path


def default_store() -> Path:
    """``.xstilts/store`` in the current folder, or what the environment variable ``XSTILTS_STORE`` names."""
    return Path(os.environ.get("XSTILTS_STORE") or ".xstilts/store")


def default_out(name: str) -> Path:
    """Where the reports of an experiment go: ``.xstilts/runs/<name>``."""
    return Path(".xstilts/runs") / name
