"""What a report format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table


@dataclass(frozen=True, kw_only=True)
class Format:
    """One way to write the table; its module is found by name."""

    name: str
    suffix: str
    """The suffix of the file, with the dot."""
    render: Callable[[Table, RunInfo], str]
