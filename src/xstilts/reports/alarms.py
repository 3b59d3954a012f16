"""Negative transfer as an alarm at the top of a report: which arm makes which target worse, and in which languages."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.analysis.cells import BASELINE, Average
from xstilts.analysis.comparisons import LanguageGains
from xstilts.analysis.table import Table
from xstilts.reports.numbers import listed, plain, points
from xstilts.reports.verdict import described

MOST = 20
"""Lines: whoever has more alarms than that looks at the gain matrix."""
REMARK = (
    "These arms make a target worse than direct fine-tuning does: the interval of the mean is below zero, or single "
    "languages are, after correction for how many languages the target has."
)


def alarms(table: Table) -> tuple[str, ...]:
    """One line an arm and target, those with the largest loss first."""
    lines = sorted(_alarms(table))
    shown = [text for _, text in lines[:MOST]]
    if len(lines) > MOST:
        shown.append(f"… and {len(lines) - MOST} more arms and targets with a smaller mean loss.")
    return tuple(map(plain, shown))


def _alarms(table: Table) -> Iterator[tuple[float, str]]:
    families = {(one.arm, one.target): one for one in (table.comparisons.languages if table.comparisons else ())}
    for target in table.targets:
        for arm in table.arms:
            mean, family = table.average(arm, target), families.get((arm, target))
            if arm != BASELINE and mean is not None and (mean.sign < 0 or (family and family.hurt)):
                yield mean.gain or 0.0, f"{arm} on {target}: {_sentence(mean, family)}"


def _sentence(mean: Average, family: LanguageGains | None) -> str:
    said = f"{described(mean)} on average"
    if family is None:
        return f"{said}."
    if not family.hurt:
        return f"{said}; in no single one of {len(family.gains)} languages by itself."
    named = listed([f"{language} {points(family.gains[language])}" for language in family.hurt])
    return f"{said}; in {len(family.hurt)} of {len(family.gains)} languages, namely {named}."
