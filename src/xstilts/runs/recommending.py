"""Which intermediate tasks to try for a target, and why: `xstilts recommend`.

From finished runs of one model, each read by itself, and from predictors that they computed; priced by the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.analysis.advice import Known, advised
from xstilts.analysis.advice_worth import Worth, worth
from xstilts.analysis.judged_predictors import JudgedPredictor
from xstilts.pipeline.store import Store
from xstilts.runs.arm_prices import Recommended, RunPrices
from xstilts.runs.asked_target import Asked
from xstilts.runs.evidence import FinishedRun, finished_run
from xstilts.runs.folders import store_at
from xstilts.runs.record import every_run
from xstilts.runs.stored_runs import stored_runs

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """Advice for a target.

    Attributes:
        model: of which it is, and of no other.
        runs: whose gains were read.
        arms: in the order in which they are to be tried.
        baseline: FLOPs of direct fine-tuning alone; None where it could not be priced.
        worth: what the same rule's advice was worth on each run's targets.
        predictors: run → what its predictors were worth.
        unknown: registered tasks of which nothing is known with this model.
        notes: what could not be found out.
    """

    target: str
    languages: tuple[str, ...]
    model: str
    runs: tuple[str, ...]
    budget: float
    arms: tuple[Recommended, ...]
    baseline: float | None
    worth: tuple[Worth, ...]
    predictors: dict[str, tuple[JudgedPredictor, ...]]
    unknown: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def as_object(self) -> dict[str, Any]:
        """For JSON."""
        arms = [
            {**asdict(one.advice), "verdict": one.advice.verdict, "flops": one.flops, "fits": one.fits}
            for one in self.arms
        ]
        for arm in arms:
            for said, one in zip(arm["evidence"], self._evidence(arm["arm"]), strict=True):
                said["nearness"] = one.nearness
        predictors = {run: [one.as_object() for one in judged] for run, judged in self.predictors.items()}
        said = {name: getattr(self, name) for name in ("target", "languages", "model", "runs", "budget", "baseline")}
        more = {"worth": [asdict(one) for one in self.worth], "predictors": predictors}
        return {**said, "arms": arms, **more, "unknown": self.unknown, "notes": self.notes}

    def frame(self) -> polars.DataFrame:
        """One row an arm, in the order in which they are to be tried; gains are fractions."""
        import polars

        schema: dict[str, Any] = {
            **dict.fromkeys(("arm", "verdict", "run", "nearness"), polars.String),
            **dict.fromkeys(("gain", "low", "high"), polars.Float64),
            "flops": polars.Float64,
            "fits": polars.Boolean,
        }
        return polars.DataFrame([_row(one) for one in self.arms], schema=schema)

    def _evidence(self, arm: str) -> Sequence[Any]:
        return next(one.advice.evidence for one in self.arms if one.advice.arm == arm)


def _row(one: Recommended) -> dict[str, Any]:
    said: dict[str, Any] = {"arm": one.advice.arm, "verdict": one.advice.verdict, "flops": one.flops, "fits": one.fits}
    for first in one.advice.evidence[:1]:
        low, high = first.interval or (None, None)
        said |= {"run": first.run, "nearness": first.nearness, "gain": first.gain, "low": low, "high": high}
    return said


def recommend(
    target: str,
    *,
    budget: float,
    languages: Sequence[str] = (),
    model: str | None = None,
    runs: Sequence[str | Path] | None = None,
    store: Store | str | Path | None = None,
    data: str | Path | None = None,
) -> Recommendation:
    """Which intermediate tasks to try for a target, from what finished runs of one model measured.

    Args:
        target: a registered task, or a target of one of the runs.
        budget: FLOPs for what is tried, direct fine-tuning beside it included.
        languages: ids or codes; by default all in which the target has test data.
        model: whose runs are read; needed where they are of several.
        runs: names or output folders; None: all below ``.xstilts/runs``, or if ``store`` is given all that it holds.
        store: where the runs' results are now; by default where their records say.
        data: folder of datasets, for prices.

    Raises:
        UserError: a target, language or model that there is not, or a budget into which no arm fits.
    """
    kept = store_at(store)
    if runs is None and store is not None:
        found = stored_runs(kept)
    else:
        where = kept.location if store is not None else None
        found = _named_apart([finished_run(run, store=where) for run in (every_run() if runs is None else runs)])
    asked = Asked(target, tuple(languages), found, model)
    mine = asked.runs
    known = [one.known for one in mine]
    advice = advised(known, asked.wanted, asked.predicted)
    prices = RunPrices(mine, target, asked.wanted.languages, data=Path(data) if data else None, store=kept)
    arms = prices.fitted(advice, budget)
    return Recommendation(
        target=target,
        languages=asked.wanted.languages,
        model=asked.model,
        runs=tuple(one.run for one in known),
        budget=budget,
        arms=arms,
        baseline=prices.baseline,
        worth=worth(known),
        predictors={one.known.run: one.predictors for one in mine if one.predictors},
        unknown=asked.unknown,
        notes=(*_silent(known), *prices.notes),
    )


def _silent(runs: Sequence[Known]) -> list[str]:
    """Runs that measured nothing, or whose results are gone."""
    text = "has no gains: no target language, no baseline, or its results are no longer in the store"
    return [f"{run.run} {text}" for run in runs if not any(run.gains.values())]


def _named_apart(found: Sequence[FinishedRun]) -> list[FinishedRun]:
    """Runs of one name by their folders."""
    names = [one.known.run for one in found]
    return [
        one if names.count(one.known.run) == 1 else replace(one, known=replace(one.known, run=str(one.directory)))
        for one in found
    ]
