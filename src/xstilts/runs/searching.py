"""A search for the best arm of an experiment within a budget: `xstilts search`.

Every trial is part of the graph of an experiment and goes through the store: what was interrupted goes on where it was,
and what the last rungs train is what a run of the whole experiment would train.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts import registry
from xstilts.analysis.cells import BASELINE
from xstilts.analysis.halving import Halving, Rung, halve
from xstilts.analysis.rungs import TooSmall, most, possible
from xstilts.engine import memory
from xstilts.errors import ConfigError
from xstilts.experiments.experiment_graph import ExperimentGraph
from xstilts.experiments.graph import build
from xstilts.experiments.schema import Experiment
from xstilts.pipeline.executor import Outcome
from xstilts.pipeline.fingerprint import write_atomically
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.runs.arm_trials import ArmTrials
from xstilts.runs.folders import reports_folder, store_at
from xstilts.runs.logged import logged_warnings
from xstilts.runs.running import RUN, RunResult, reported

if TYPE_CHECKING:
    from xstilts.pipeline.progress import Sink

FILE = "search.json"
"""In the output folder, beside the reports of the arm that was chosen."""


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """A finished search; costs are FLOPs as `xstilts plan` prices tokens, which are counted where they ran.

    Attributes:
        arms: that there were to choose among.
        targets: by whose dev scores they were ranked.
        spent: all of it, as if the store had been empty.
        grid: what the whole experiment is expected to cost, by what this search counted.
        run: of the arm that was chosen, and of direct fine-tuning; None where the budget did not suffice for it.
        outcomes: how the nodes of each rung, and of that run, ended.
    """

    name: str
    arms: tuple[str, ...]
    targets: tuple[str, ...]
    halving: Halving
    budget: float
    spent: float
    grid: float
    run: RunResult | None
    outcomes: tuple[Outcome, ...]

    def as_object(self) -> dict[str, Any]:
        """For JSON."""
        found = self.halving
        return {
            "search": self.name,
            "budget": self.budget,
            "spent": self.spent,
            "grid": self.grid,
            "arms": list(self.arms),
            "targets": list(self.targets),
            "chosen": found.chosen,
            "run_in_full": self.run is not None,
            "unaffordable": list(found.unaffordable),
            "rungs": [_rung(number, rung) for number, rung in enumerate(found.rungs, 1)],
        }


def search(
    experiment: Experiment,
    *,
    budget: float,
    data: str | Path | None = None,
    store: Store | str | Path | None = None,
    out: str | Path | None = None,
    cores: int | None = None,
    progress: Sink | None = None,
) -> SearchResult:
    """Searches for the arm with the best dev score in the source language, and runs it in full beside the baseline.

    Args:
        budget: FLOPs that all of it may cost; what the store has already counts as well.
        data: folder of datasets in their published layouts.
        store: where results are kept, a directory or a URL.
        out: where the table of the rungs and the reports go; ``.xstilts/runs/<name>`` if not given.
        cores: of this machine; all if not given.
        progress: hears how far it is.

    Raises:
        UserError: the experiment or its data cannot be used, it has nothing to choose among, or the budget is smaller
            than the cheapest search; nothing was trained.
    """
    began = time.monotonic()
    kept, folder = store_at(store), reports_folder(out, experiment.name)
    with logged_warnings() as logged:
        trials = trials_of(experiment, data=data, store=kept, cores=cores, progress=progress)
        try:
            found = halve(trials, budget=budget)
        except TooSmall as small:
            raise ConfigError(
                f"{budget:.3g} FLOPs are too few: the cheapest search of {experiment.name} takes "
                f"{_upwards(small.cheapest)}, the whole experiment {trials.grid:.3g} (at most)",
                where="--budget",
            ) from None
        study = final = None
        if found.chosen is not None and found.affordable:
            study = _chosen_alone(trials.whole, found.chosen, trials.final(found.chosen))
            final = trials.execute(study.graph)
            trials.outcomes.append(final)
            trials.measure(node.key for node in study.nodes)
    spent = trials.cost(found.trials, final=found.chosen if final else None)
    of_all: dict[str, Any] = {"arms": trials.arms, "targets": trials.targets, "halving": found, "budget": budget}
    result = SearchResult(
        name=experiment.name, **of_all, spent=spent, grid=trials.grid, run=None, outcomes=tuple(trials.outcomes)
    )
    folder.mkdir(parents=True, exist_ok=True)
    if study is not None and final is not None:
        final.notes += [_told(result), *logged]
        run = reported(study, final, kept, folder, seconds=time.monotonic() - began, more={"claims": []})
        result = dataclasses.replace(result, run=run)
    write_atomically(folder / FILE, json.dumps(result.as_object(), ensure_ascii=False, indent=1))
    return result


def trials_of(
    experiment: Experiment,
    *,
    data: str | Path | None,
    store: Store,
    cores: int | None = None,
    progress: Sink | None = None,
    planning: bool = False,
) -> ArmTrials:
    """The arms of an experiment, to be tried on this machine.

    Raises:
        UserError: the experiment or its data cannot be used, or there are fewer than two arms.
    """
    from xstilts.pipeline.local import LocalExecutor
    from xstilts.pipeline.progress import Silent

    named = [arm.name for arm in experiment.intermediate]
    if len(named) < 2:
        raise ConfigError(
            f"{experiment.name} has {'one arm' if named else 'no arm'}: there is nothing to choose among",
            where="intermediate",
            hint="xstilts run runs it",
        )
    runner = LocalExecutor(
        store=store, run=RUN, cores=cores, progress=progress or Silent(), environment=memory.ENVIRONMENT
    )
    folder = Path(data) if data else None

    def built(share: float) -> ExperimentGraph:
        return build(experiment, data=folder, store=store, cores=runner.cores, planning=planning, share=share)

    trials = ArmTrials(named=named, built=built, execute=runner.run, store=store)
    if trials.whole.reference.shape is None:
        raise ConfigError(f"the size of {experiment.model} is not known, so neither are FLOPs", where="model")
    if len(trials.arms) < 2 or not trials.targets:
        raise ConfigError(f"fewer than two arms of {experiment.name} have data here", where="intermediate")
    return trials


def priced(trials: ArmTrials) -> list[dict[str, Any]]:
    """What searches of an experiment cost at most, the dearest first; nothing runs."""
    rows: list[dict[str, Any]] = []
    for stages in possible(len(trials.arms), len(trials.seeds)):
        rungs = " → ".join(f"{stage.arms} × {level_text(stage.level.seeds, stage.level.share)}" for stage in stages)
        rows.append({"flops": most(trials, stages, trials.arms), "rungs": rungs})
    return sorted(rows, key=lambda row: -row["flops"])


def level_text(seeds: int, share: float) -> str:
    """``1/8 of 1 seed``, ``2 seeds``."""
    whole = f"{seeds} seed{'s' if seeds != 1 else ''}"
    return whole if share == 1 else f"{share:.3g} of {whole}"


def _chosen_alone(whole: ExperimentGraph, arm: str, nodes: Sequence[Node]) -> ExperimentGraph:
    """The part of an experiment that one arm and the baseline are: of the same nodes, whatever was left out."""
    both = (arm, BASELINE)
    return dataclasses.replace(
        whole,
        experiment=_of_arm(whole.experiment, arm),
        graph=Graph(nodes),
        evaluations=tuple(one for one in whole.evaluations if one.arm in both),
        varied=tuple(one for one in whole.varied if one.arm in both),
        predictors=None,
    )


def _of_arm(experiment: Experiment, arm: str) -> Experiment:
    """An experiment with one arm and those that it names: what the record of its run says was run."""
    named = {one.name: one for one in experiment.intermediate}
    kept, waiting = set[str](), [arm]
    while waiting:
        name = waiting.pop()
        if name in named and name not in kept:
            kept.add(name)
            asked = [key for request in named[name].rows() for key in (request.task, request.like)]
            waiting += [key for key in (named[name].after, *asked) if isinstance(key, str)]
    gone = named.keys() - kept - set(registry.names("tasks"))
    limits = {key: limit for key, limit in (experiment.budget.max_train_examples or {}).items() if key not in gone}
    changes = {
        "intermediate": tuple(one for one in experiment.intermediate if one.name in kept),
        "budget": experiment.budget.model_copy(update={"max_train_examples": limits or None}),
        "question": None,
        "predictors": None,
        "claims": (),
    }
    alone = experiment.model_copy(update=changes)
    return alone.beside(experiment.folder) if experiment.folder is not None else alone


def _told(result: SearchResult) -> str:
    """For the reports: how the arm was chosen."""
    return (
        f"{result.halving.chosen} was chosen among {len(result.arms)} arms ({', '.join(result.arms)}) by successive "
        f"halving on dev scores in the source language ({', '.join(result.targets)}), for {result.spent:.3g} of "
        f"{result.grid:.3g} FLOPs that all of them take; {FILE} has the rungs. No test row had a part in the choice."
    )


def _rung(number: int, rung: Rung) -> dict[str, Any]:
    said = {"rung": number, "seeds": rung.level.seeds, "share": rung.level.share, "spent": rung.spent}
    standings = [dataclasses.asdict(one) for one in rung.standings]
    return {**said, "baseline": rung.baseline, "arms": standings, "unaffordable": list(rung.unaffordable)}


def _upwards(flops: float) -> str:
    """Three digits, not below the number: a budget that is copied from a message suffices."""
    from decimal import ROUND_CEILING, Context, Decimal

    return f"{float(Context(prec=3, rounding=ROUND_CEILING).create_decimal(Decimal(flops))):.3g}"
