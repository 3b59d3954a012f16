"""What a report format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written.

    Attributes:
        files: the report, then what belongs to it.
        lacking: what could not be written, each with its reason and what would help.
    """

    files: tuple[Path, ...]
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Format:
    """One way to write the table; its module is found by name."""

    name: str
    suffix: str
    """The suffix of the file, with the dot."""
    render: Callable[[Table, RunInfo], str]
    files: Callable[[Table, RunInfo, Path], Written] | None = None
    """Writes the report to a file and what belongs to it beside it; None: the report is one file."""
    suffixes: tuple[str, ...] = ()
    """Further suffixes by which a user may name what ``files`` writes."""
    with_every_run: bool = True
    """Whether it is written when a run ends; others are written when they are asked for."""
    claims: bool = False
    """Whether it prints what the run says of claims, which takes the time to judge them."""

    def file(self, given: Path) -> Path:
        """The report's file that a user's name means: as it is, or with the format's suffix where that has several.

        Raises:
            ConfigError: a suffix of another kind of file.
        """
        if self.files is None or given.suffix in (self.suffix, *self.suffixes):
            return given
        if given.suffix:
            known = ", ".join((self.suffix, *self.suffixes))
            raise ConfigError(f"{self.name} is not written as {given.suffix!r}; known: {known}", where="--out")
        return given.with_suffix(self.suffix)

    def write(self, table: Table, info: RunInfo, file: Path) -> Written:
        """Writes the report and all that belongs to it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        if self.files is not None:
            return self.files(table, info, file)
        file.write_text(self.render(table, info), encoding="utf-8")
        return Written(files=(file,))
