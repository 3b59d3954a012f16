"""What arms cost on a target, as `xstilts plan` prices them: in the experiment of the run that speaks for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from xstilts.analysis.advice import HURTS, Advice
from xstilts.analysis.cells import BASELINE
from xstilts.errors import ConfigError, UserError
from xstilts.experiments.arms import Target
from xstilts.experiments.experiment_graph import ExperimentGraph
from xstilts.experiments.graph import build
from xstilts.experiments.schema import Experiment
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.store import Store
from xstilts.runs.evidence import FinishedRun
from xstilts.runs.planning import expected_flops


class ArmPrices:
    """The arms of an experiment on one target in some languages, with its seeds, recipe and budget.

    Args:
        experiment: of a finished run; None: nobody knows it.
        target: a target of it, or a registered task.
        languages: in which it would be evaluated.
        data: folder of datasets.
        store: where counts of what files hold are kept.
    """

    def __init__(
        self, experiment: Experiment | None, target: str, languages: Sequence[str], *, data: Path | None, store: Store
    ) -> None:
        self._experiment: Experiment | None = None
        self._data, self._store = data, store
        self.why = ""
        """Why nothing could be priced."""
        if experiment is None:
            self.why = "a store does not say which experiments its results are of"
            return
        named = [one for one in experiment.targets if target in (one.name, one.task)]
        # Its test rows, whichever split the run evaluated.
        asked = named[0].model_copy(update={"split": None}) if named else Target.model_validate(target)
        changes = {
            "targets": (asked,),
            "languages": tuple(languages),
            **dict.fromkeys(("question", "predictors", "explain")),
            "claims": (),
        }
        alone = experiment.model_copy(update=changes)
        self._experiment = alone.beside(experiment.folder) if experiment.folder is not None else alone

    def cost(self, arms: Iterable[str]) -> float | None:
        """FLOPs of some arms and of direct fine-tuning, evaluated, what they share once; None where that is unknown."""
        study = self._study
        if study is None or study.reference.shape is None:
            return None
        wanted = {BASELINE, *arms}
        nodes = [one.node for one in study.evaluations if one.arm in wanted]
        if not wanted <= {one.arm for one in study.evaluations}:
            return None
        return sum(self._flops[node.key] for node in Graph(nodes))

    @cached_property
    def _study(self) -> ExperimentGraph | None:
        if self._experiment is None:
            return None
        try:
            return build(self._experiment, data=self._data, store=self._store, planning=True)
        except UserError as error:  # the advice stands without its price
            self.why = str(error)
            return None

    @cached_property
    def _flops(self) -> dict[str, float]:
        assert self._study is not None
        return expected_flops(self._study)


@dataclass(frozen=True, kw_only=True)
class Recommended:
    """One arm.

    Attributes:
        flops: that it adds to direct fine-tuning; None where it could not be priced.
        fits: whether the budget has it together with all arms before it; None where it is not to be tried, or nobody
            knows.
    """

    advice: Advice
    flops: float | None
    fits: bool | None


class RunPrices:
    """What arms cost, each in the experiment of the run that speaks for it."""

    def __init__(
        self, runs: Sequence[FinishedRun], target: str, languages: Sequence[str], *, data: Path | None, store: Store
    ) -> None:
        self._of_run = {
            one.known.run: ArmPrices(one.experiment, target, languages, data=data, store=store) for one in runs
        }
        self._arms = {one.known.run: set(one.known.gains) for one in runs}

    @property
    def baseline(self) -> float | None:
        """FLOPs of direct fine-tuning in the first run that can be priced."""
        costs = (one.cost(()) for one in self._of_run.values())
        return next((cost for cost in costs if cost is not None), None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be priced, and why."""
        return tuple(f"{run} could not be priced: {one.why}" for run, one in self._of_run.items() if one.why)

    def fitted(self, advice: Sequence[Advice], budget: float) -> tuple[Recommended, ...]:
        """The arms with their prices, and which of them the budget has, in their order.

        Raises:
            ConfigError: it has none of those that could be priced; names the cheapest.
        """
        taken: dict[str, list[str]] = {}
        found: list[Recommended] = []
        for one in advice:
            run = self._speaks(one)
            alone, base = self._of_run[run].cost([one.arm]), self._of_run[run].cost(())
            flops = None if alone is None or base is None else alone - base
            fits: bool | None = None
            if one.verdict != HURTS and not one.own and flops is not None:
                together = {**taken, run: [*taken.get(run, ()), one.arm]}
                fits = self._sum(together) <= budget
                taken = together if fits else taken
            found.append(Recommended(advice=one, flops=flops, fits=fits))
        if not taken and (asked := [one for one in found if one.fits is False]):
            costs = {one.advice.arm: self._sum({self._speaks(one.advice): [one.advice.arm]}) for one in asked}
            cheapest = min(costs, key=lambda arm: costs[arm])
            text = f"{budget:.3g} FLOPs are too few: the cheapest arm, {cheapest}, takes {costs[cheapest]:.3g}"
            raise ConfigError(text, where="--budget", hint="direct fine-tuning beside it included")
        return tuple(found)

    def _sum(self, taken: dict[str, list[str]]) -> float:
        """With direct fine-tuning once in every run's setting."""
        return sum(self._of_run[run].cost(arms) or 0.0 for run, arms in taken.items())

    def _speaks(self, one: Advice) -> str:
        """The run whose experiment has the arm, that of its first evidence before others."""
        named = [evidence.run for evidence in one.evidence] + [rank.run for rank in one.ranks]
        having = [run for run, arms in self._arms.items() if one.arm in arms]
        return (*named, *having, *self._of_run)[0]
