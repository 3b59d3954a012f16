"""What a data folder holds of a task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Files = Mapping[str, Mapping[str, tuple[Path, ...]]]
"""split → language → files, the companion files included."""


@dataclass(frozen=True, kw_only=True)
class TaskFiles:
    """The files of a task.

    Attributes:
        files: split → language → files; languages in the order of their ids.
        notes: what people should know: unknown codes, files that look like the task's and were not taken.
    """

    files: Files = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def languages(self, split: str) -> tuple[str, ...]:
        """The languages of a split; empty if it has none."""
        return tuple(self.files.get(split, {}))

    def of(self, split: str, language: str) -> tuple[Path, ...]:
        """The files of a split and language; empty if there are none."""
        return self.files.get(split, {}).get(language, ())
