"""The grids of a report: gains per arm and target, scores per language and arm, what failed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xstilts.analysis.cells import BASELINE, FEW_SEEDS, Average, Estimate
from xstilts.analysis.table import Table
from xstilts.reports.entries import FAILED, Entry, few_entry, gain_entry, score_entry
from xstilts.reports.numbers import counted, plain

ALL_TARGETS = "all targets"


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Entries in rows and columns, both titled."""

    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Entry, ...]], ...]
    folded: bool = False
    """True for what most readers do not need."""
    largest: float = 0.0
    """The gain, as a fraction, that has the strongest colour."""
    across: str = ""
    """What the columns are, where a page filters by it: ``target`` or ``language``; of the rows, ``corner`` says so."""
    fixed: int = 0
    """Rows at the top that stay there when a page sorts the others: the baseline, an average."""


def heat_maps(table: Table) -> tuple[Grid, ...]:
    """Arm × target: mean over target languages, few-shot targets apart, then the source language separately."""
    sources: dict[tuple[str, str | None], Estimate] = {
        (arm, target): cell
        for arm in table.arms
        for target, language in table.source_languages.items()
        if (cell := table.cell(arm, target, language)) is not None
    }
    with_source = tuple(target for target in table.targets if (table.arms[0], target) in sources)
    label = few_seeds({seed for cell in table.cells for seed in cell.seeds})
    groups = [targets for targets in (table.zero_shot, tuple(table.few_shot)) if targets]
    found = [_means(table, targets, label) for targets in groups or [()]]
    if with_source:
        found.append(_heat_map(table, f"Source language{label}", with_source, sources))
    return tuple(found)


def _means(table: Table, targets: Sequence[str], label: str) -> Grid:
    """The means of some targets, and over all of these."""
    few, columns = any(target in table.few_shot for target in targets), (None, *targets)
    averages: dict[tuple[str, str | None], Estimate] = {
        (arm, target): target_average(table, arm, target) for arm in table.arms for target in columns
    }
    if few and table.zero_shot:
        averages |= {(arm, None): table.few_shot_average(arm) or averages[arm, None] for arm in table.arms}
    kind = f", {'few' if few else 'zero'}-shot" if table.few_shot else ""
    return _heat_map(table, f"Mean over target languages{kind}{label}", columns, averages)


def few_seeds(seeds: Collection[int]) -> str:
    """The label of intervals from fewer than three seeds; empty for more and for none."""
    if len(seeds) == 1:
        return " (one seed: intervals over examples only)"
    return f" (only {len(seeds)} seeds: intervals may be too narrow)" if 0 < len(seeds) < FEW_SEEDS else ""


def target_grids(table: Table, target: str) -> tuple[Grid, ...]:
    """Language × arm with mean, interval and gain: one grid per score, the official one first."""
    return tuple(
        _language_grid(table, target, metric, folded=index > 0)
        for index, metric in enumerate(table.metrics(target) or ("",))
    )


def example_grids(table: Table, target: str) -> tuple[Grid, ...]:
    """Example-only intervals and seed ranges of the official score, where there are fewer than three seeds."""
    rows = language_rows(table, target, None)
    if not any(estimate.examples_only or estimate.seed_range for _, line in rows for estimate in line):
        return ()
    return (
        Grid(
            title="Fewer than three seeds: example-only interval (seeds held fixed) and range over seeds",
            corner="language",
            columns=tuple(map(plain, table.arms)),
            rows=tuple((title, tuple(few_entry(estimate) for estimate in line)) for title, line in rows),
            folded=True,
            fixed=_averages(table, target),
        ),
    )


def failures(table: Table) -> tuple[str, ...]:
    """One line per arm, target and message."""
    grouped: dict[tuple[str, str, str], tuple[dict[str, None], dict[str, None], dict[str, None]]] = {}
    for one in table.failed:
        found = grouped.setdefault((one.arm, one.target, one.message), ({}, {}, {}))
        found[0][one.language] = found[2][one.node[:12]] = None
        if one.seed is not None:
            found[1][str(one.seed)] = None
    return tuple(
        plain(
            f"{arm} × {target} ({_few(languages, 'languages')}"
            + (f"; seed {', '.join(seeds)}" if seeds else "")
            + f"; node {_few(nodes, 'nodes')}): {message}"
        )
        for (arm, target, message), (languages, seeds, nodes) in grouped.items()
    )


def baselines(table: Table) -> int:
    """The rows of a grid of arms that show scores: the first, where the run has the baseline."""
    return int(table.arms[:1] == (BASELINE,))


def arm_title(arm: str) -> str:
    """The arm, and what is shown of it."""
    return f"{plain(arm)} ({'score' if arm == BASELINE else 'gain'})"


def _few(names: Collection[str], noun: str) -> str:
    """Names, or their number if there are many."""
    return ", ".join(names) if len(names) <= 4 else f"{len(names)} {noun}"


def _heat_map(
    table: Table,
    title: str,
    targets: Sequence[str | None],
    estimates: Mapping[tuple[str, str | None], Estimate],
) -> Grid:
    largest = largest_gain(estimates.values())
    return Grid(
        title=title,
        corner="arm",
        columns=tuple(_all_of(table, targets) if target is None else plain(target) for target in targets),
        rows=tuple(
            (arm_title(arm), tuple(gain_entry(estimates[arm, target], largest=largest) for target in targets))
            for arm in table.arms
        ),
        largest=largest,
        across="target",
        fixed=baselines(table),
    )


def _all_of(table: Table, targets: Sequence[str | None]) -> str:
    """What the mean over some targets covers."""
    if not table.few_shot:
        return ALL_TARGETS
    return f"all {'few' if targets[-1] in table.few_shot else 'zero'}-shot targets"


def _language_grid(table: Table, target: str, metric: str, *, folded: bool) -> Grid:
    rows = language_rows(table, target, metric or None)
    largest = largest_gain(estimate for _, line in rows for estimate in line)
    return Grid(
        title=plain(metric) or "no score",
        corner="language",
        columns=tuple(map(plain, table.arms)),
        rows=tuple((title, tuple(score_entry(one, largest=largest) for one in line)) for title, line in rows),
        folded=folded,
        largest=largest,
        fixed=_averages(table, target),
    )


def _averages(table: Table, target: str) -> int:
    """The rows of ``language_rows`` that are averages."""
    return int(bool(_averaged(table, target)))


def _averaged(table: Table, target: str) -> list[str]:
    """The languages that the average of a target covers."""
    source, shots = table.source_languages.get(target), table.few_shot.get(target)
    return [one for one in table.languages(target) if one != source and (shots is None or one in shots)]


def language_rows(table: Table, target: str, metric: str | None) -> list[tuple[str, list[Estimate]]]:
    """Row title and one estimate per arm: the average over target languages, then each language."""
    source = table.source_languages.get(target)
    languages = table.languages(target)
    shots = table.few_shot.get(target)
    others = _averaged(table, target)
    rows: list[tuple[str, list[Estimate]]] = []
    if others:
        title = f"average of {counted(len(others), 'target language')}"
        rows.append((title, [target_average(table, arm, target, metric) for arm in table.arms]))
    for language in languages:
        how = "" if shots is None else f"{shots[language]}-shot" if language in shots else "zero-shot"
        how = "source" if language == source else how
        title = f"{language} ({how})" if how else language
        cells = [table.cell(arm, target, language, metric) for arm in table.arms]
        rows.append((plain(title), [cell for cell in cells if cell is not None]))
    return rows


def target_average(table: Table, arm: str, target: str | None, metric: str | None = None) -> Average:
    """The average, or an empty entry that says so if nothing could be averaged."""
    found = table.average(arm, target, metric)
    failed = any(one.arm == arm and target in (None, one.target) for one in table.failed)
    if found is not None and (found.mean is not None or not failed):
        return found
    return Average(arm=arm, metric=metric, target=target, absent=(FAILED,) if failed else ())


def largest_gain(estimates: Iterable[Estimate]) -> float:
    """The size of the largest gain or loss."""
    return max((abs(one.gain) for one in estimates if one.gain is not None), default=0.0)
