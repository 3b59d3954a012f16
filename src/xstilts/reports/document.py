"""The report before it has a format: strings in grids, sections and lists. Renderers only escape and lay out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.reports.alarms import alarms
from xstilts.reports.claims import REMARK as CLAIMED
from xstilts.reports.claims import claim_sections
from xstilts.reports.comparisons import REMARK as COMPARED
from xstilts.reports.comparisons import comparison_sections
from xstilts.reports.contamination import REMARK as CONTAMINATION
from xstilts.reports.contamination import contamination_grids, contamination_remarks, contamination_warnings
from xstilts.reports.dev_selection import REMARK as SELECTED
from xstilts.reports.dev_selection import selection_sections
from xstilts.reports.drawn import drawn_grids
from xstilts.reports.explained import REMARK as EXPLAINED
from xstilts.reports.explained import explained_sections
from xstilts.reports.facts import Facts, facts, summary
from xstilts.reports.few_shot import remark, shots_text
from xstilts.reports.figures.data_map import DataMap, data_maps
from xstilts.reports.figures.pictures import Picture, forest, language_chart
from xstilts.reports.grids import Grid, example_grids, failures, few_seeds, heat_maps, target_grids
from xstilts.reports.language_maps import language_maps
from xstilts.reports.morphology import REMARK, morphology_grids
from xstilts.reports.numbers import counted, plain
from xstilts.reports.predictors import REMARK as PREDICTED
from xstilts.reports.predictors import predictor_sections
from xstilts.reports.question import contrast_grids, opening
from xstilts.reports.robustness import REMARK as ROBUSTNESS
from xstilts.reports.robustness import robustness_grids, robustness_picture, robustness_remarks
from xstilts.reports.subsets import subset_grids
from xstilts.reports.verdict import Verdict

DEGENERATE = (
    "These trainings came out near nothing: they give one answer to almost everything, score within luck of that, or "
    "their loss did not fall as that of the same training elsewhere did. They are part of every number of this report: "
    "a seed that fails is a result, too. What counts as degenerate is written in docs/degenerate-runs.md."
)
LARGE = 20_000
"""Cells up to which each is shown: an HTML page of more is slow to open, and nobody reads it."""
MARKS = 2_000
"""Intervals that a chart has at most."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One target, with its tables."""

    title: str
    remarks: tuple[str, ...]
    grids: tuple[Grid, ...]
    target: str = ""
    """The target that all of it is about, if it is one."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the report with sections of its own; it has at least one."""

    title: str
    remark: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """All contents of a report, in reading order."""

    title: str
    question: str
    verdict: Verdict
    alarms: tuple[str, ...]
    """Negative transfer."""
    warnings: tuple[str, ...]
    """Stand-ins, warnings and notes: what a reader must know before the numbers."""
    summary: tuple[str, ...]
    contrasts: tuple[Grid, ...]
    subsets: tuple[Grid, ...]
    drawn: tuple[Grid, ...]
    data_maps: tuple[DataMap, ...]
    heat_maps: tuple[Grid, ...]
    legend: tuple[str, ...]
    language_maps: tuple[Grid, ...]
    forest: Picture | None
    morphology: tuple[Grid, ...]
    morphology_remark: str
    language_chart: Picture | None
    parts: tuple[Part, ...]
    """What has sections of its own: claims, comparisons, choosing on dev rows, and what goes with the gains."""
    robustness: tuple[Section, ...]
    robustness_remark: str
    robustness_chart: Picture | None
    contamination: tuple[Section, ...]
    contamination_remark: str
    sections: tuple[Section, ...]
    failures: tuple[str, ...]
    degenerate: tuple[str, ...]
    degenerate_remark: str
    facts: tuple[Facts, ...]
    command: str
    experiment: str


def document(table: Table, info: RunInfo) -> Document:
    """Lays the table and the run's provenance out; of a very large table the averages alone."""
    large = len(table.cells) > LARGE
    return Document(
        title=plain(info.name),
        question=plain(table.answer.text) if table.answer else "",
        verdict=opening(table),
        alarms=alarms(table),
        warnings=warnings(table, info),
        summary=summary(table, info),
        contrasts=contrast_grids(table.answer.contrasts) if table.answer else (),
        subsets=subset_grids(table),
        drawn=drawn_grids(table),
        data_maps=data_maps(table),
        heat_maps=heat_maps(table),
        legend=legend(table),
        language_maps=() if large else language_maps(table),
        forest=_drawable(forest(table)),
        morphology=morphology_grids(table),
        morphology_remark=REMARK,
        language_chart=_drawable(language_chart(table)),
        sections=() if large else tuple(_section(table, target) for target in table.targets),
        parts=tuple(_parts(table, info)),
        robustness=_robustness(table),
        robustness_remark=ROBUSTNESS,
        robustness_chart=_drawable(robustness_picture(table)),
        contamination=_contamination(table),
        contamination_remark=CONTAMINATION,
        failures=failures(table),
        degenerate=tuple(plain(one.sentence) for one in table.degenerate),
        degenerate_remark=DEGENERATE,
        facts=facts(table, info),
        command=info.command,
        experiment=info.experiment,
    )


def _parts(table: Table, info: RunInfo) -> Iterator[Part]:
    """What the run says of claims, how the arms compare, and what goes with the gains of each."""
    found = (
        ("Claims registered for this run", CLAIMED, claim_sections(info.claims)),
        ("Many comparisons", COMPARED, comparison_sections(table)),
        ("Choosing on source-language dev", SELECTED, selection_sections(table)),
        ("Predicting the best intermediate task", PREDICTED, predictor_sections(table)),
        ("What goes with the gains", EXPLAINED, explained_sections(table)),
    )
    for title, text, sections in found:
        made = tuple(Section(title=name, remarks=remarks, grids=grids) for name, remarks, grids in sections)
        if made:
            yield Part(title=title, remark=text, sections=made)


def _contamination(table: Table) -> tuple[Section, ...]:
    """One section, where the run looked for its test sets in what it trained on."""
    if table.contamination is None or not (table.contamination.overlaps or table.contamination.told):
        return ()
    grids = contamination_grids(table)
    return (Section(title="Test sets and training texts", remarks=contamination_remarks(table), grids=grids),)


def _robustness(table: Table) -> tuple[Section, ...]:
    """The targets that were evaluated in other forms of their test rows."""
    targets = table.robustness.targets if table.robustness else ()
    return tuple(
        Section(
            title=plain(target),
            remarks=robustness_remarks(table, target),
            grids=robustness_grids(table, target),
            target=plain(target),
        )
        for target in targets
    )


def warnings(table: Table, info: RunInfo) -> tuple[str, ...]:
    """Stand-ins, the run's warnings and the table's notes, each once."""
    stand_ins = [*info.stand_ins, *(f"{name}: {text}" for name, text in table.stand_ins.items())]
    found = [*(f"Stand-in: {text}" for text in stand_ins), *info.all_warnings, *table.notes()]
    found += contamination_warnings(table)
    if len(table.cells) > LARGE:
        found.append(
            f"This table has {len(table.cells):,} cells. Averages are shown here; every cell is in the CSV report, and "
            "the HTML page unpacks those of a target when it is opened."
        )
    return tuple(dict.fromkeys(plain(text) for text in found))


def _drawable(picture: Picture | None) -> Picture | None:
    """A chart that can be looked at, or none."""
    marks = len(picture.lines) * len(picture.panels) if picture else 0
    return picture if marks <= MARKS else None


def legend(table: Table) -> tuple[str, ...]:
    """What the numbers are: metric, unit, languages, seeds, interval, marks."""
    metrics = [f"{target}: {names[0]}" for target in table.targets if (names := table.metrics(target))]
    seeds = sorted({seed for cell in table.cells for seed in cell.seeds})
    lines = (
        f"Scores are in per cent (fraction × 100), gains in points: arm minus none. Metric – {'; '.join(metrics)}.",
        "A cell is the mean over seeds of the score from all test examples; seeds: "
        f"{', '.join(map(str, seeds)) or 'none'}. Averages are unweighted means over target languages; the source "
        "language (the language of the training set) is never part of them and is shown separately. The average over "
        "targets is the unweighted mean of those averages, each in its target's first metric.",
        f"Brackets give the 95 % interval. It rests on a bootstrap with {counted(table.replicates, 'replicate')} that "
        "draws seeds and clusters of examples. All arms share each draw, so gains are paired. From three seeds on, the "
        "interval is made of variance components with Student’s quantile; with two it runs between percentiles of the "
        "bootstrap, and with one only examples are drawn. Results that depend on no seed (no training) have 0 seeds.",
        "▲ and ▼ mark gains whose interval excludes zero, – marks a missing number, and “failed” a cell whose node "
        "failed.",
    )
    return tuple(map(plain, lines))


def _section(table: Table, target: str) -> Section:
    source = table.source_languages.get(target)
    languages = table.languages(target)
    remarks = [
        f"{counted(len(languages), 'language')}; source language: "
        f"{source if source in languages else f'{source}, not among them' if source else 'none'}."
    ]
    if target in table.stand_ins:
        remarks.append(f"Stand-in: {table.stand_ins[target].rstrip('.')}.")
    cells = table.of_target[target]
    seeds = sorted({seed for cell in cells for seed in cell.seeds})
    remarks.append(f"Seeds: {', '.join(map(str, seeds)) or 'none'}{few_seeds(seeds)}.")
    sizes = [(cell.examples, cell.clusters) for cell in cells if cell.examples]
    if sizes:
        examples, clusters = ({size[index] for size in sizes} for index in (0, 1))
        remarks.append(f"Test examples per language: {_span(examples)} in {_span(clusters)} clusters.")
    remarks += filter(None, [remark(table, target)])
    return Section(
        title=plain(" – ".join(filter(None, [target, shots_text(table, target)]))),
        remarks=tuple(map(plain, remarks)),
        grids=(*target_grids(table, target), *example_grids(table, target)),
        target=plain(target),
    )


def _span(numbers: set[int]) -> str:
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
