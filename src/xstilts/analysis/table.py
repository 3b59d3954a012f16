"""The table that every report draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from xstilts.analysis.answers import Answer, Contrast
from xstilts.analysis.cells import FEW_SEEDS, Average, Cell, Failed, LanguageAverage
from xstilts.analysis.comparisons import Comparisons
from xstilts.analysis.contamination import Contamination
from xstilts.analysis.degenerate import Degenerate
from xstilts.analysis.dev_selection import Selection
from xstilts.analysis.drawn import Drawn
from xstilts.analysis.explanation import Explanations
from xstilts.analysis.judged_predictors import JudgedPredictors
from xstilts.analysis.robustness import RobustnessTable
from xstilts.analysis.subsets import Subset

FEW_CLUSTERS = 20
"""Below this many clusters a percentile interval is too narrow to be trusted."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """The gain matrix: cells, their averages, and what is missing.

    Rows exist for every arm × target × language × score of the run, whether or not they have a number. Arms and
    targets are in the order given, the baseline first; languages alphabetically, the source language first.
    """

    cells: tuple[Cell, ...]
    averages: tuple[Average, ...] = ()
    by_morphology: tuple[LanguageAverage, ...] = ()
    """Means of languages over their targets, and of morphological types over their languages."""
    by_family: tuple[LanguageAverage, ...] = ()
    """Of language families, where they were asked for."""
    failed: tuple[Failed, ...] = ()
    source_languages: Mapping[str, str] = field(default_factory=dict)
    """target → the language of its training set, which no average contains."""
    few_shot: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """target → language → how many of its examples are trained on; only these languages are in its averages."""
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    """arm or target → what its training data was replaced by."""
    replicates: int = 0
    degenerate: tuple[Degenerate, ...] = ()
    """Trainings behind these numbers that came out near nothing."""
    robustness: RobustnessTable | None = None
    """The same arms and targets on perturbed rows and in pairs of languages, where the run asked for it."""
    answer: Answer | None = None
    """To the question that the experiment asks, if it asks one."""
    pairs: tuple[Contrast, ...] = ()
    """Arms with those that accompany them for comparison."""
    subsets: tuple[Subset, ...] = ()
    """What arms on chosen rows were trained on."""
    drawn: tuple[Drawn, ...] = ()
    """Of arms and targets whose rows were joined: how many are from which source and in which language."""
    comparisons: Comparisons | None = None
    """Arms and languages, corrected for how many there are."""
    selections: tuple[Selection, ...] = ()
    """What choosing an arm on source-language dev rows costs, target by target."""
    predictors: JudgedPredictors | None = None
    """What predictors of the best arm were worth, where the run computed any."""
    explained: Explanations | None = None
    """Which properties of the languages go with the gains, where the run asks."""
    contamination: Contamination | None = None
    """What the test sets share with what was trained on, and the gains without it."""

    @cached_property
    def arms(self) -> tuple[str, ...]:
        """Every arm, the baseline first."""
        return _distinct(cell.arm for cell in self.cells)

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """Every target."""
        return _distinct(cell.target for cell in self.cells)

    @cached_property
    def of_target(self) -> Mapping[str, tuple[Cell, ...]]:
        """Target → its cells."""
        found: dict[str, list[Cell]] = {}
        for cell in self.cells:
            found.setdefault(cell.target, []).append(cell)
        return {target: tuple(cells) for target, cells in found.items()}

    def languages(self, target: str) -> tuple[str, ...]:
        """Every language of a target, the source language first."""
        return _distinct(cell.language for cell in self.of_target.get(target, ()))

    def metrics(self, target: str) -> tuple[str, ...]:
        """The scores of a target, the official one first; empty where every cell failed."""
        return _distinct(cell.metric for cell in self.of_target.get(target, ()) if cell.metric is not None)

    def cell(self, arm: str, target: str, language: str, metric: str | None = None) -> Cell | None:
        """One cell, by default of the official score."""
        return self._cells.get((arm, target, language, metric or self._official(target)))

    def average(self, arm: str, target: str | None, metric: str | None = None) -> Average | None:
        """Mean over the target languages of a target; over all targets for ``target=None``.

        With zero-shot and few-shot targets, the latter is that of the zero-shot ones (`few_shot_average`).
        """
        official = None if target is None else self._official(target)
        return self._averages.get((arm, target, metric or official))

    def few_shot_average(self, arm: str) -> Average | None:
        """Mean over the few-shot targets, where there are zero-shot ones as well."""
        return self._few_shot.get(arm) if self.zero_shot else None

    @cached_property
    def zero_shot(self) -> tuple[str, ...]:
        """The targets that train on no example of a target language."""
        return tuple(target for target in self.targets if target not in self.few_shot)

    def results(self) -> list[dict[str, Any]]:
        """One JSON object per cell: fractions, null where there is no number, ``seeds`` as their count."""
        return [
            {
                "arm": cell.arm,
                "target": cell.target,
                "language": cell.language,
                "metric": cell.metric,
                "unit": cell.unit,
                "seeds": len(cell.seeds),
                "mean": cell.mean,
                "low": cell.low,
                "high": cell.high,
                "gain": cell.gain,
                "gain_low": cell.gain_low,
                "gain_high": cell.gain_high,
                "interval": cell.interval or None,
                "examples": cell.examples,
                "status": cell.status,
                "nodes": list(cell.nodes),
            }
            for cell in self.cells
        ]

    def notes(self) -> list[str]:
        """What a reader must know before trusting the numbers: few seeds, few clusters, missing parts."""
        found = []
        counts = {len(cell.seeds) for cell in self.cells if cell.seeds}
        if counts and min(counts) == 1:
            found.append(
                "Cells with one seed have intervals over examples only, which do not cover differences between seeds."
            )
        elif counts and min(counts) < FEW_SEEDS:
            found.append(
                f"With {min(counts)} seeds an interval is too narrow if seeds differ a lot (measured coverage: "
                "docs/intervals.md); example-only intervals and seed ranges are given beside it."
            )
        few = sorted({cell.target for cell in self.cells if 0 < cell.clusters < FEW_CLUSTERS})
        if few:
            found.append(
                f"Some cells of {', '.join(few)} have fewer than {FEW_CLUSTERS} clusters of examples: "
                "their intervals are too narrow, and with one cluster there is none."
            )
        found += [
            f"The average of {average.arm} over {average.target or self.all_targets(average)}, or its gain, lacks "
            f"{', '.join(average.absent)}: do not compare it with complete ones."
            for average in self.averages
            if average.absent and average.metric in (None, self._official(average.target))
        ]
        return found

    def all_targets(self, average: Average) -> str:
        """What an average over targets covers, in words."""
        if not self.few_shot:
            return "all targets"
        return f"all {'few' if average.few_shot else 'zero'}-shot targets"

    def _official(self, target: str | None) -> str | None:
        return self._first_metric.get(target) if target is not None else None

    @cached_property
    def _first_metric(self) -> dict[str, str]:
        first: dict[str, str] = {}
        for cell in self.cells:
            if cell.metric is not None:
                first.setdefault(cell.target, cell.metric)
        return first

    @cached_property
    def _cells(self) -> dict[tuple[str, str, str, str | None], Cell]:
        return {(cell.arm, cell.target, cell.language, cell.metric): cell for cell in self.cells}

    @cached_property
    def _averages(self) -> dict[tuple[str, str | None, str | None], Average]:
        kept = [one for one in self.averages if not (one.few_shot and self.zero_shot)]
        return {(average.arm, average.target, average.metric): average for average in kept}

    @cached_property
    def _few_shot(self) -> dict[str, Average]:
        return {average.arm: average for average in self.averages if average.few_shot and average.target is None}


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
