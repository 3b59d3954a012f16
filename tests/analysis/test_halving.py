"""Successive halving: never over the budget, and a planted best arm survives, over many rounds of recorded scores."""

import math

import numpy as np
import pytest

from xstilts.analysis.cells import BASELINE
from xstilts.analysis.halving import halve
from xstilts.analysis.rungs import Stage, TooSmall, Trial, most, planned, stages


class Recorded:
    """Trials whose scores were recorded before: a curve by share, and noise by seed and share.

    A trial costs its share of the arm's price; fine-tuning costs 1, evaluating an arm 0.1.
    """

    def __init__(self, qualities, *, seeds=3, noise=0.01, prices=None, rng=None, wrong_price=1.0):
        self.arms = tuple(f"a{i}" for i in range(len(qualities)))
        self.seeds = tuple(range(11, 11 + seeds))
        self.prices = dict(zip(self.arms, prices or [2.0] * len(qualities), strict=True))
        self.qualities = dict(zip(self.arms, qualities, strict=True)) | {BASELINE: 0.5}
        self.rng, self.noise, self.wrong_price = rng or np.random.default_rng(5), noise, wrong_price
        self.recorded, self.ran = {}, set()

    def cost(self, trials, final=None):
        wanted = set(trials)
        if final is not None:
            wanted |= {Trial(arm, seed, 1.0) for arm in (BASELINE, final) for seed in self.seeds}
        evaluations = 0.2 * len(self.seeds) if final is not None else 0.0
        # What turns out dearer is known after the first rung, of what was run and of all else.
        return evaluations + sum(self._price(t) * (self.wrong_price if self.ran else 1.0) for t in wanted)

    def _price(self, trial):
        return trial.share * (1.0 + self.prices.get(trial.arm, 0.0))

    def scores(self, trials):
        self.ran |= set(trials)
        for trial in trials:
            if trial not in self.recorded:
                learnt = self.qualities[trial.arm] * (1 - 0.3 * (1 - trial.share) ** 2)
                self.recorded[trial] = learnt + self.rng.normal() * self.noise / math.sqrt(trial.share)
        return {trial: self.recorded[trial] for trial in trials}

    def grid(self):
        every = [Trial(arm, seed, 1.0) for arm in (BASELINE, *self.arms) for seed in self.seeds]
        return self.cost(every) + 0.1 * len(self.seeds) * (len(self.arms) + 1)


def test_rungs_double_what_an_arm_gets():
    assert stages(8, 3, 1.0) == (Stage(8, (1, 0.375)), Stage(4, (1, 0.75)), Stage(2, (1, 1.0)))
    assert stages(8, 4, 1.0) == (Stage(8, (1, 0.5)), Stage(4, (1, 1.0)), Stage(2, (2, 1.0)))
    assert stages(5, 4, 1.0)[:2] == (Stage(5, (1, 0.5)), Stage(3, (1, 1.0)))
    assert stages(8, 3, 8.0) == (Stage(8, (3, 1.0)),)  # the whole grid: nothing is dropped on less


@pytest.mark.parametrize("arms", [2, 3, 8, 13])
def test_the_dearest_search_that_fits_is_planned(arms):
    trials = Recorded([0.6] * arms, prices=[1.0 + i for i in range(arms)])
    assert planned(trials, 1e9) == stages(arms, 3, 2.0 ** math.ceil(math.log2(arms)))
    for budget in (trials.grid(), 0.5 * trials.grid()):
        try:
            assert most(trials, planned(trials, budget)) <= budget
        except TooSmall as small:
            assert small.cheapest > budget  # noqa: PT017
            assert most(trials, planned(trials, small.cheapest)) == small.cheapest


def test_too_small_a_budget_names_the_cheapest_that_fits():
    trials = Recorded([0.6] * 8)
    with pytest.raises(TooSmall) as small:
        halve(trials, budget=3.0)
    assert not trials.ran
    found = halve(trials, budget=small.value.cheapest)
    assert found.affordable
    assert trials.cost(found.trials, final=found.chosen) <= small.value.cheapest


def test_a_planted_best_arm_survives_within_the_budget():
    """400 rounds: eight arms of different prices, one five points better; noise of a point under one seed."""
    rng, rounds = np.random.default_rng(7), 400
    survived, spent, whole = 0, [], []
    for _ in range(rounds):
        qualities = list(rng.uniform(0.58, 0.62, size=8))
        best = int(rng.integers(8))
        qualities[best] = 0.67
        trials = Recorded(qualities, prices=list(rng.uniform(0.5, 4.0, size=8)), rng=rng)
        budget = 0.6 * trials.grid()
        found = halve(trials, budget=budget)
        cost = trials.cost(found.trials, final=found.chosen)
        assert cost <= budget
        assert [len(rung.standings) for rung in found.rungs] == sorted(
            (len(rung.standings) for rung in found.rungs), reverse=True
        )
        survived += found.chosen == f"a{best}"
        spent.append(cost)
        whole.append(trials.grid())
    assert survived / rounds > 0.97
    assert sum(spent) / sum(whole) < 0.6


def test_prices_that_were_too_low_end_the_search_and_not_the_budget():
    """What is trained turns out half as dear again: arms are dropped for the money, and that is reported."""
    for scale in (1.2, 1.5, 2.0):
        trials = Recorded([0.6, 0.61, 0.62, 0.63, 0.64, 0.65, 0.66, 0.67], wrong_price=scale, noise=0.0)
        budget = 0.5 * trials.grid()
        found = halve(trials, budget=budget)
        assert trials.cost(found.trials) <= budget
        assert found.affordable == (trials.cost(found.trials, final=found.chosen) <= budget)
        assert found.chosen == "a7"
    assert any(rung.unaffordable for rung in found.rungs) or found.unaffordable or not found.affordable


def test_standings_say_on_what_evidence_an_arm_was_dropped():
    trials = Recorded([0.6, 0.7, 0.65, 0.5], seeds=4, noise=0.01)
    found = halve(trials, budget=1e9)
    (rung,) = found.rungs
    assert rung.level == (4, 1.0)
    assert [one.arm for one in rung.standings] == ["a1", "a2", "a0", "a3"]
    assert rung.kept == ("a1",)
    last = rung.standings[-1]
    assert last.behind == pytest.approx(last.score - rung.standings[0].score)
    assert last.interval[0] < last.behind < last.interval[1] < 0
    assert rung.baseline == pytest.approx(0.5, abs=0.05)


def test_an_arm_that_fails_is_dropped():
    trials = Recorded([0.6, 0.7], noise=0.0)
    scores = trials.scores
    trials.scores = lambda wanted: {t: s for t, s in scores(wanted).items() if t.arm != "a1"}
    found = halve(trials, budget=1e9)
    assert found.chosen == "a0"
    assert found.rungs[0].standings[-1].score is None
