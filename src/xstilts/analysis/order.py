"""The order of arms in every table."""

from __future__ import annotations

from collections.abc import Iterable

from xstilts.analysis.cells import BASELINE


def ordered_arms(arms: Iterable[str]) -> tuple[str, ...]:
    """Distinct arms in the order given, the baseline first."""
    return tuple(sorted(dict.fromkeys(arms), key=lambda arm: arm != BASELINE))
