"""Many comparisons: the arms by two kinds of interval and corrected for the choice, the languages by name."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.analysis.cells import Interval
from xstilts.analysis.comparisons import ArmGain, Comparisons, LanguageGains
from xstilts.analysis.table import Table
from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.numbers import MARKS, MISSING, counted, listed, plain, points, points_interval

REMARK = (
    "Two kinds of interval are given for the arms. “Variance components” takes Student’s quantile with Satterthwaite’s "
    "degrees of freedom (df); it is that of every other table from three seeds on, and wide where few seeds differ. "
    "“Crossed” is the bootstrap over seeds and examples, and that of every other table with fewer seeds. “Corrected” "
    "holds for all arms at once (max-T over the draws), also for the one that comes first. Languages are named where "
    "their gain "
    "differs from zero after Holm’s correction for how many languages the target has: with an error of 2.5 % a family "
    "and direction, at least so many are helped or hurt. How often each of these errs is in docs/intervals.md."
)
NAMED = 40
"""Lines with names of languages at most; all are in the CSV report."""


def comparison_sections(table: Table) -> Iterator[tuple[str, tuple[str, ...], tuple[Grid, ...]]]:
    """Title, remarks and grids; nothing where there is nothing to compare."""
    found = table.comparisons
    if found is None:
        return
    if found.arms:
        yield "Arms over all targets", (), (_arms(table, found),)
    if found.languages:
        lines = [*_named(found)]
        more = [f"… and {len(lines) - NAMED} more; see the CSV report."] if len(lines) > NAMED else []
        yield (
            "Languages in which an arm helps or hurts",
            tuple(map(plain, [*lines[:NAMED], *more, *_exploring(found)])),
            (_counts(table, found),),
        )


def helps_in(family: LanguageGains) -> str:
    """``helps in 7 of 15 languages, namely …``; also where it hurts."""
    size = counted(len(family.gains), "language")
    said = [
        f"{verb} in {len(names)} of {size}, namely {listed(list(names))}"
        for verb, names in (("helps", family.helped), ("hurts", family.hurt))
        if names
    ]
    return "; ".join(said) or f"neither helps nor hurts in any one of {size} that can be named"


def comparison_rows(table: Table) -> Iterator[dict[str, str | float]]:
    """For CSV, column → value: further intervals of gains; ``gain_interval`` says which."""
    found = table.comparisons or Comparisons()
    for one in found.arms:
        row = f"average over {'few-shot ' if one.few_shot else ''}targets, compared"
        kinds = (("variance components", one.components), ("crossed", one.crossed), ("max-T over arms", one.chosen))
        for kind, ends in kinds:
            if ends is not None:
                yield {"row": row, "arm": one.arm, "gain_interval": kind, **_gain(one.gain, ends)}
    for family in found.languages:
        for language, gain in family.gains.items():
            yield {
                "row": "cell, compared",
                "arm": family.arm,
                "target": family.target,
                "language": language,
                "gain_interval": "max-T over languages",
                "status": "helped" if language in family.helped else "hurt" if language in family.hurt else "ok",
                **_gain(gain, family.bands[language]),
            }


def _gain(gain: float, ends: Interval) -> dict[str, float]:
    return {"gain": gain, "gain_low": ends[0], "gain_high": ends[1]}


def _named(found: Comparisons) -> Iterator[str]:
    for one in found.languages:
        if one.helped or one.hurt:
            yield f"{one.arm} on {one.target} {helps_in(one)}."


def _exploring(found: Comparisons) -> Iterator[str]:
    yield (
        f"For exploring alone: {found.worth_a_look} of all {found.tested} gains in single languages are worth a look "
        "by Benjamini and Hochberg’s procedure, of which 5 % are expected to be false."
    )


def _arms(table: Table, found: Comparisons) -> Grid:
    several = len(found.arms) > 1
    return Grid(
        title="Gain over all targets",
        corner="arm",
        columns=(
            "gain",
            "variance components",
            "crossed",
            *([f"corrected for {found.chosen_from} arms"] if several else []),
            "smallest gain seen 4 times in 5",
        ),
        rows=tuple((_title(one, table), _row(one, several)) for one in found.arms),
    )


def _title(one: ArmGain, table: Table) -> str:
    kind = f" ({'few' if one.few_shot else 'zero'}-shot)" if table.few_shot and table.zero_shot else ""
    return plain(f"{one.arm}{kind}")


def _row(one: ArmGain, several: bool) -> tuple[Entry, ...]:
    seeds = "" if one.seeds > 1 else "examples only"
    return (
        Entry(main=points(one.gain)),
        _interval(one.components, seeds or f"{one.freedom:.0f} df"),
        _interval(one.crossed, seeds) if one.crossed else _missing(),
        *([_interval(one.chosen, seeds) if one.chosen else _missing()] if several else []),
        Entry(main=points(one.smallest).lstrip("+")),
    )


def _interval(ends: Interval, detail: str = "") -> Entry:
    low, high = ends
    sign = (low > 0) - (high < 0)
    main = f"{points_interval(low, high)} {MARKS[sign]}".strip()
    return Entry(main=main, details=tuple(filter(None, [detail])), sign=sign)


def _missing() -> Entry:
    return Entry(main=MISSING, status="missing")


def _counts(table: Table, found: Comparisons) -> Grid:
    families = {(one.arm, one.target): one for one in found.languages}
    targets = [target for target in table.targets if any(one.target == target for one in found.languages)]
    arms = [arm for arm in table.arms if any(one.arm == arm for one in found.languages)]
    return Grid(
        title="Languages that are helped, and hurt, of so many",
        across="target",
        corner="arm",
        columns=tuple(map(plain, targets)),
        rows=tuple((plain(arm), tuple(_count(families.get((arm, target))) for target in targets)) for arm in arms),
    )


def _count(family: LanguageGains | None) -> Entry:
    if family is None:
        return _missing()
    hurt = (f"{len(family.hurt)} hurt",) if family.hurt else ()
    return Entry(
        main=f"{len(family.helped)} of {len(family.gains)}",
        details=hurt,
        sign=bool(family.helped) - bool(family.hurt),
        hint=plain(helps_in(family)),
    )
