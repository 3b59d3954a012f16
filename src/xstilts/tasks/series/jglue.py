"""Where the sets of JGLUE are: in its repository, version 1.3."""

from __future__ import annotations

from xstilts.tasks.task import Layout

_FOLDERS = ("jglue", "JGLUE/datasets", "datasets")
_SPLITS = {"train": "train", "dev": "valid", "test": "test"}


def patterns(name: str) -> dict[str, tuple[Layout, ...]]:
    """Split → where its file may be; each set has its own folder, with its version."""
    return {
        split: tuple(f"{folder}/{name}-v1.3/{file}-v1.3.json" for folder in _FOLDERS) for split, file in _SPLITS.items()
    }
