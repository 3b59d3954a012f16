"""Claim files: the ledger that comes with the package, and those of users."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from xstilts.errors import ConfigError, nearest
from xstilts.experiments import document
from xstilts.experiments.claim import Claim
from xstilts.experiments.claims import FOLDER
from xstilts.phases.options.validation import ExperimentError
from xstilts.phases.options.validation import Path as KeyPath
from xstilts.pipeline.fingerprint import sha256
from xstilts.pipeline.node import canonical

KEYS = "name: …, text: …, statements: …"


@dataclass(frozen=True, kw_only=True)
class ClaimFile:
    """A claim with what its file says.

    Attributes:
        values: of the file.
        file: as it was named.
        bytes_sha256: of the file; "" where there is none any more.
        where: key path → file and line.
    """

    claim: Claim
    values: Mapping[str, Any]
    file: str
    bytes_sha256: str = ""
    where: Callable[[KeyPath], str] = lambda path: ""

    @property
    def sha256(self) -> str:
        """Of what the file says, as canonical JSON: comments and layout may change."""
        return hashlib.sha256(canonical(dict(self.values))).hexdigest()

    @property
    def of_the_package(self) -> bool:
        """Whether it is part of the ledger."""
        return Path(self.file).parent == FOLDER


def load_claim(file: Path) -> ClaimFile:
    """Reads a claim file.

    Raises:
        ConfigError: no such file, unreadable YAML, or a mistake in it: file, line, key path, what is expected.
    """
    if not file.is_file():
        beside = [one.name for one in file.parent.glob("*.y*ml")] if file.parent.is_dir() else []
        close = nearest(file.name, beside)
        hint = f"did you mean {str(file.parent / close)!r}?" if close else ""
        raise ConfigError("this is a folder" if file.is_dir() else "no such claim file", where=file, hint=hint)
    read = document.read(file, what="claim", keys=KEYS)
    try:
        claim = Claim(**read.values)
    except ExperimentError as error:
        raise ExperimentError(error.problems, read.where) from None
    return ClaimFile(claim=claim, values=read.values, file=str(file), bytes_sha256=sha256(file), where=read.where)


def recorded_claim(values: Mapping[str, Any], file: str) -> ClaimFile:
    """A claim as the record of a run has it.

    Raises:
        ConfigError: this version does not understand it.
    """
    try:
        return ClaimFile(claim=Claim(**values), values=values, file=file)
    except ExperimentError as error:
        raise ExperimentError(error.problems, lambda path: f"claim registered from {file}") from None


@cache
def ledger() -> Mapping[str, ClaimFile]:
    """Name → claim, of those that come with the package."""
    return {file.stem: load_claim(file) for file in sorted(FOLDER.glob("*.yaml"), key=_in_order)}


def _in_order(file: Path) -> tuple[str, int]:
    """``C2`` before ``C10``."""
    letters = file.stem.rstrip("0123456789")
    return letters, int(file.stem.removeprefix(letters) or 0)
