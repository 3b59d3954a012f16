"""What a search for data returns: a value, and with it what is missing, what people should know, what was replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from xstilts.data.gaps import Gap, TextGap

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Finding(Generic[T_co]):
    """A value with all that is to be reported about it.

    Attributes:
        gaps: the data that it lacks; a run refuses them all at once.
        notes: what people should know (files that were not read, labels that were inferred).
        stand_ins: the training sets that others replace.
    """

    value: T_co
    gaps: tuple[Gap | TextGap, ...] = ()
    notes: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()


class Notebook:
    """Combines the findings that one function makes into the one that it returns; it never leaves that function."""

    def __init__(self) -> None:
        self.gaps: list[Gap | TextGap] = []
        self.notes: list[str] = []
        self.stand_ins: list[str] = []

    def take(self, finding: Finding[T]) -> T:
        """The value of a finding; the rest of it is written down."""
        self.gaps += finding.gaps
        self.notes += finding.notes
        self.stand_ins += finding.stand_ins
        return finding.value

    def finding(self, value: T) -> Finding[T]:
        """A value with all that was written down, every note once."""
        return Finding(
            value=value,
            gaps=tuple(self.gaps),
            notes=tuple(dict.fromkeys(self.notes)),
            stand_ins=tuple(dict.fromkeys(self.stand_ins)),
        )
