"""What the charts show, before they are drawn: lines of marks, one mark per panel."""

from __future__ import annotations

from dataclasses import dataclass

from xstilts.analysis.cells import BASELINE, Average, Estimate
from xstilts.analysis.table import Table
from xstilts.reports.entries import gain_entry, score_text
from xstilts.reports.grids import target_average
from xstilts.reports.morphology import member_title, members, type_title, types
from xstilts.reports.numbers import plain


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A number with its interval, as fractions; without ``value`` only the words are shown."""

    value: float | None
    low: float | None = None
    high: float | None = None
    sign: int = 0
    """1 or -1 where the interval excludes zero."""
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a chart."""

    label: str
    strong: bool = False
    """A heading, or a summary of all lines below it."""
    marks: tuple[Mark | None, ...]
    remark: str = ""
    """What is written at the end of the line."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A column of marks on one axis: scores, or gains."""

    title: str
    gains: bool


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A chart of lines and panels."""

    description: str
    """A description for readers who cannot see the chart."""
    panels: tuple[Panel, ...]
    lines: tuple[Line, ...]


def forest(table: Table) -> Picture | None:
    """Every arm's gain with its interval, over all targets and on each: one axis, so that sizes compare."""
    arms = [arm for arm in table.arms if arm != BASELINE]
    lines: list[Line] = []
    for target in (None, *table.targets) if arms else ():
        base = target_average(table, BASELINE, target)
        score, title = score_text(base), table.all_targets(base) if target is None else plain(target)
        lines.append(Line(label=title, strong=True, marks=(None,), remark=f"{BASELINE} scores {score}"))
        lines += [_gain_line(target_average(table, arm, target)) for arm in arms]
    if not any(mark and mark.value is not None for line in lines for mark in line.marks):
        return None
    return Picture(
        description="Gain of every arm over none in points with its 95 % interval, over all targets and per target; "
        "the same numbers are in the gain matrix",
        panels=(Panel(title="Gain over none, points", gains=True),),
        lines=tuple(lines),
    )


def language_chart(table: Table) -> Picture | None:
    """Baseline score and each arm's gain per language, under the mean of its morphological type."""
    lines = []
    for kind in types(table):
        group = [mark_of(one) for one in kind.averages]
        lines.append(Line(label=type_title(kind), strong=True, marks=tuple(group)))
        for member in members(table, kind):
            lines.append(Line(label=member_title(member), marks=tuple(map(mark_of, member.averages))))
    if not any(mark and mark.value is not None for line in lines for mark in line.marks):
        return None
    return Picture(
        description="Score of none and gain of every arm per language, mean over the language's targets, grouped by "
        "morphological type; the same numbers are in the table of every language",
        panels=tuple(
            Panel(title=f"{plain(arm)} (gain)" if arm != BASELINE else f"{BASELINE} (score)", gains=arm != BASELINE)
            for arm in table.arms
        ),
        lines=tuple(lines),
    )


def _gain_line(average: Average) -> Line:
    entry = gain_entry(average)
    return Line(label=plain(average.arm), marks=(mark_of(average),), remark=" ".join([entry.main, *entry.details]))


def mark_of(estimate: Estimate) -> Mark:
    """The gain with its interval; of the baseline the score."""
    if estimate.arm == BASELINE:
        value, low, high, sign = estimate.mean, estimate.low, estimate.high, 0
    else:
        value, low, high, sign = estimate.gain, estimate.gain_low, estimate.gain_high, estimate.sign
    words = "" if value is not None else gain_entry(estimate).main
    return Mark(value=value, low=low, high=high, sign=sign, words=words)
