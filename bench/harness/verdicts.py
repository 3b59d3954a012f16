"""The rows of the table of all comparisons: what is measured, against what, and what it is to reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

FORMS = {"ratio": "{:.1f}×", "share": "{:.0%}", "gib": "{:.2f} GiB", "seconds": "{:.1f} s"}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One row.

    Attributes:
        unit: a key of `FORMS`.
        target: what ``value`` is to reach, None where nothing was promised (another scale, another machine).
        most: whether the target is the most that it may be, instead of the least.
    """

    work: str
    against: str
    value: float
    unit: str = "ratio"
    target: float | None = None
    most: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached."""
        if self.target is None:
            return None
        return self.value <= self.target if self.most else self.value >= self.target

    def row(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "reached": self.reached}


def table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows of verdicts as Markdown."""
    lines = ["| work | against | ratio | target | reached |", "|---|---|---|---|---|"]
    for row in rows:
        form = FORMS[row["unit"]]
        target = "–" if row["target"] is None else f"{'≤' if row['most'] else '≥'} {form.format(row['target'])}"
        reached = {None: "–", True: "yes", False: "no"}[row["reached"]]
        lines.append(f"| {row['work']} | {row['against']} | {form.format(row['value'])} | {target} | {reached} |")
    return "\n".join(lines)
