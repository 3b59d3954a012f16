"""What advice was worth before: every target of a run is hidden in turn, and the same rule gives advice for it.

The rule then sees gains on other targets alone, those of all runs of the model. What its first choices cost, against
the best arm of that run on that target, is measured as the regret of predictors is, beside choosing by lot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xstilts.analysis.advice import Known, Wanted, advised, mean_gain, scores
from xstilts.analysis.cells import Interval
from xstilts.analysis.regret import Differences, Regret

CHOSEN = (1, 2, 3)
"""Arms that are tried."""


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What advice was worth on one target of a run, or on average over them; fractions.

    Attributes:
        target: "" of the average.
        targets: behind it.
        arms: that there were to choose among, the most.
        k: arms that were tried.
        regret: by how much the best arm is better than the best of them.
        interval: of that; from 0 on, the choice cannot be told from the best.
        by_lot: the same of arms that are drawn.
    """

    run: str
    target: str
    targets: int
    arms: int
    k: int
    regret: float
    interval: Interval | None
    by_lot: float


def worth(runs: Sequence[Known]) -> tuple[Worth, ...]:
    """Of advice on each run's targets, the averages first: only of runs with several targets and arms.

    Args:
        runs: of one model.
    """
    found = [one for run in runs for one in _of_run(run, runs)]
    averages = [
        _average(some)
        for run in runs
        for k in CHOSEN
        if (some := [one for one in found if (one.run, one.k) == (run.run, k)])
    ]
    return (*averages, *found)


def _of_run(run: Known, runs: Sequence[Known]) -> Iterator[Worth]:
    for target in dict.fromkeys(target for of_arm in run.gains.values() for target in of_arm):
        gains = {
            arm: mean
            for arm, of_arm in run.gains.items()
            if arm not in run.own.get(target, ()) and (mean := mean_gain([of_arm.get(target, {}).values()])) is not None
        }
        if len(gains) < 2:
            continue
        spoken = {language: None for arm in gains for language in run.gains[arm].get(target, {})}
        task = run.tasks.get(target, target)
        wanted = Wanted(target=task, kind=run.kinds.get(target, ""), languages=tuple(spoken), hidden=True)
        advice = advised([_without_predictions(one) for one in runs], wanted)
        if not any(one.evidence for one in advice if one.arm in gains):
            continue
        ranked = {arm: score for arm, score in scores(advice).items() if arm in gains}
        apart = Differences(gains)
        for k in CHOSEN:
            chosen, drawn = apart.regret(ranked, k), apart.regret(dict.fromkeys(gains, 0.0), k)
            if chosen is not None and drawn is not None:
                yield _worth(run.run, target, len(gains), k, chosen, drawn)


def _without_predictions(run: Known) -> Known:
    """Predictors looked at the target: advice from them is judged in the run's own report."""
    return replace(run, predicted={})


def _worth(run: str, target: str, arms: int, k: int, chosen: Regret, drawn: Regret) -> Worth:
    return Worth(
        run=run,
        target=target,
        targets=1,
        arms=arms,
        k=k,
        regret=chosen.value,
        interval=chosen.interval,
        by_lot=drawn.value,
    )


def _average(some: Sequence[Worth]) -> Worth:
    """Over targets; the mean of intervals is at least as wide as it has to be."""
    ends = [one.interval for one in some if one.interval is not None]
    low, high = np.mean(ends, axis=0).tolist() if len(ends) == len(some) else (0.0, 0.0)
    return Worth(
        run=some[0].run,
        target="",
        targets=len(some),
        arms=max(one.arms for one in some),
        k=some[0].k,
        regret=float(np.mean([one.regret for one in some])),
        interval=(low, high) if len(ends) == len(some) else None,
        by_lot=float(np.mean([one.by_lot for one in some])),
    )
