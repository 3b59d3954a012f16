"""What the hub's local cache holds of a repository, read without the hub's client."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def cached_configuration(repository: str, revision: str = "main") -> dict[str, Any] | None:
    """The config.json of a repository's snapshot (its branch, or a commit), or None where it is not here."""
    try:
        loaded = json.loads((_snapshot(repository, revision) / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, dict) else None


def cached_snapshot(repository: str, revision: str = "main") -> Path | None:
    """The folder of a repository's snapshot, whole or in part; None where nothing of it is here."""
    try:
        folder = _snapshot(repository, revision)
        return folder if (folder / "config.json").exists() else None
    except (OSError, ValueError):
        return None


def _snapshot(repository: str, revision: str) -> Path:
    folder = _cache() / f"models--{repository.replace('/', '--')}"
    reference = folder / "refs" / revision
    commit = reference.read_text(encoding="utf-8").strip() if reference.exists() else revision
    return folder / "snapshots" / commit


def _cache() -> Path:
    """Where huggingface_hub keeps snapshots: ``HF_HUB_CACHE``, else ``hub`` below ``HF_HOME``."""
    if named := os.environ.get("HF_HUB_CACHE"):
        return Path(named).expanduser()
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "huggingface"
    return Path(home).expanduser() / "hub"
