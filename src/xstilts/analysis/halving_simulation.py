"""How often a search keeps the best arm, at which cost: simulated, with scores that are recorded once for every trial.

An arm's true dev score grows with the share of its training, at a speed of its own, so that small shares also mislead;
a trial scores that with noise, which is larger where less was trained on. One arm is planted ahead of all others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from xstilts.analysis.cells import BASELINE
from xstilts.analysis.halving import halve
from xstilts.analysis.rungs import TooSmall, Trial

FINE_TUNING, EVALUATION = 1.0, 0.1
"""What fine-tuning in full costs, and evaluating one checkpoint: the unit of an arm's price."""


@dataclass(kw_only=True)
class RecordedTrials:
    """Arms whose scores are drawn when they are first asked for.

    Attributes:
        qualities: arm → true dev score after the whole training; the baseline's too.
        speeds: arm → what it lacks of that at first.
        prices: arm → cost of its intermediate training.
        noise: standard deviation of a whole training's score over seeds.
        dearer: what costs turn out to be, over what is expected before the first rung.
    """

    qualities: Mapping[str, float]
    prices: Mapping[str, float]
    speeds: Mapping[str, float] = field(default_factory=dict)
    noise: float = 0.01
    dearer: float = 1.0
    seeds: Sequence[int] = (11, 12, 13)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))
    recorded: dict[Trial, float] = field(default_factory=dict)

    @property
    def arms(self) -> tuple[str, ...]:
        """All but the baseline."""
        return tuple(self.prices)

    def cost(self, trials: Iterable[Trial], final: str | None = None) -> float:
        """What each trial costs, once; and the evaluations of a whole run."""
        wanted = set(trials)
        if final is not None:
            wanted.update(Trial(arm, seed, 1.0) for arm in (BASELINE, final) for seed in self.seeds)
        trained = sum(trial.share * (FINE_TUNING + self.prices.get(trial.arm, 0.0)) for trial in sorted(wanted))
        evaluated = 2 * EVALUATION * len(self.seeds) if final is not None else 0.0
        return (trained + evaluated) * (self.dearer if self.recorded else 1.0)

    @property
    def grid(self) -> float:
        """What all arms in full cost."""
        every = [Trial(arm, seed, 1.0) for arm in (BASELINE, *self.arms) for seed in self.seeds]
        evaluated = EVALUATION * len(every) * (self.dearer if self.recorded else 1.0)
        return self.cost(every) + evaluated

    def scores(self, trials: Sequence[Trial]) -> Mapping[Trial, float]:
        """Drawn once for each trial."""
        for trial in trials:
            if trial not in self.recorded:
                lacking = self.speeds.get(trial.arm, 0.1) * (1 - trial.share) ** 2
                drawn = float(self.rng.normal()) * self.noise / math.sqrt(trial.share)
                self.recorded[trial] = self.qualities[trial.arm] - lacking + drawn
        return {trial: self.recorded[trial] for trial in trials}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is simulated; scores in points.

    Attributes:
        lead: of the planted arm over the best that the others' distribution allows.
        noise: of a whole training over seeds.
        budget: share of what all arms in full cost.
    """

    arms: int
    lead: float
    noise: float
    budget: float


@dataclass(frozen=True, kw_only=True)
class Found:
    """Of many rounds.

    Attributes:
        kept: share in which the planted arm is chosen.
        grid_kept: the same where every arm is trained in full.
        behind: points that the chosen arm is truly behind the planted one, on average.
        cost: share of the whole grid's that was spent, on average; the most.
        over: rounds in which the budget was exceeded.
        none: rounds in which nothing fits into the budget.
    """

    setting: Setting
    rounds: int
    kept: float
    grid_kept: float
    behind: float
    cost: float
    over: int
    none: int


def simulate(setting: Setting, *, rounds: int, seed: int = 7) -> Found:
    """Searches over worlds that differ in qualities, speeds and prices."""
    rng = np.random.default_rng([seed, setting.arms, round(100 * setting.lead), round(100 * setting.noise)])
    kept, grid_kept, behind, costs, over, none = 0, 0, [], [], 0, 0
    for _ in range(rounds):
        trials, best = world(setting, rng)
        budget = setting.budget * trials.grid
        try:
            found = halve(trials, budget=budget)
        except TooSmall:
            none += 1
            continue
        assert found.chosen is not None
        spent = trials.cost(found.trials, final=found.chosen if found.affordable else None)
        over += spent > budget
        costs.append(spent / trials.grid)
        kept += found.chosen == best
        behind.append(100 * (trials.qualities[best] - trials.qualities[found.chosen]))
        every = [Trial(arm, one, 1.0) for arm in trials.arms for one in trials.seeds]
        in_full = trials.scores(every)
        means = {arm: sum(in_full[Trial(arm, one, 1.0)] for one in trials.seeds) for arm in trials.arms}
        grid_kept += max(means, key=lambda arm: means[arm]) == best
    done = max(rounds - none, 1)
    return Found(
        setting=setting,
        rounds=rounds,
        kept=kept / done,
        grid_kept=grid_kept / done,
        behind=float(np.mean(behind)) if behind else math.nan,
        cost=float(np.mean(costs)) if costs else math.nan,
        over=over,
        none=none,
    )


def world(setting: Setting, rng: np.random.Generator) -> tuple[RecordedTrials, str]:
    """Arms within two points of each other, one of them planted ahead; and its name."""
    names = [f"arm{place}" for place in range(setting.arms)]
    qualities = dict(zip(names, rng.uniform(0.60, 0.62, size=setting.arms).tolist(), strict=True))
    best = names[int(rng.integers(setting.arms))]
    qualities[best] = 0.62 + setting.lead / 100
    speeds = dict(zip([BASELINE, *names], rng.uniform(0.05, 0.15, size=setting.arms + 1).tolist(), strict=True))
    prices = dict(zip(names, rng.uniform(0.5, 4.0, size=setting.arms).tolist(), strict=True))
    trials = RecordedTrials(
        qualities={BASELINE: 0.60, **qualities}, prices=prices, speeds=speeds, noise=setting.noise / 100, rng=rng
    )
    return trials, best


def as_markdown(found: Iterable[Found]) -> str:
    """The table of docs/recommend.md."""
    lines = [
        "| arms | lead | noise | budget | spent | best arm kept | by the whole grid | behind | over budget |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in found:
        asked = one.setting
        lines.append(
            f"| {asked.arms} | {asked.lead:g} | {asked.noise:g} | {asked.budget:.0%} | {one.cost:.0%} | {one.kept:.1%} "
            f"| {one.grid_kept:.1%} | {one.behind:.2f} | {one.over} of {one.rounds - one.none} |"
        )
    return "\n".join(lines)
