"""Successive halving: never over the budget, and a planted best arm survives, over many rounds of recorded scores."""

import pytest

from xstilts.analysis.cells import BASELINE
from xstilts.analysis.halving import halve
from xstilts.analysis.halving_simulation import RecordedTrials, Setting, as_markdown, simulate
from xstilts.analysis.rungs import Level, Stage, TooSmall, dearest, most, possible, stages


def recorded(qualities, *, prices=None, seeds=3, **more):
    """Trials of arms with these true scores, that all learn at one speed."""
    names = [f"a{place}" for place in range(len(qualities))]
    return RecordedTrials(
        qualities={BASELINE: 0.5, **dict(zip(names, qualities, strict=True))},
        prices=dict(zip(names, prices or [2.0] * len(names), strict=True)),
        seeds=tuple(range(11, 11 + seeds)),
        **more,
    )


def test_rungs_double_what_an_arm_gets():
    assert stages(8, 3, 1.0) == (Stage(8, (1, 0.375)), Stage(4, (1, 0.75)), Stage(2, (2, 0.75)))
    assert stages(8, 4, 1.0) == (Stage(8, (1, 0.5)), Stage(4, (1, 1.0)), Stage(2, (2, 1.0)))
    assert stages(5, 4, 1.0)[:2] == (Stage(5, (1, 0.5)), Stage(3, (1, 1.0)))
    assert stages(8, 3, 8.0) == (Stage(8, (3, 1.0)),)  # the whole grid: nothing is dropped on less


@pytest.mark.parametrize("arms", [2, 3, 8, 13])
def test_the_dearest_search_that_fits_is_taken(arms):
    trials = recorded([0.6] * arms, prices=[1.0 + i for i in range(arms)])
    assert dearest(trials, trials.arms, [], 1e9) == (3, 1.0)
    costs = [(most(trials, stages, trials.arms), stages[0].level) for stages in possible(arms, 3)]
    for budget, _ in costs:
        first = next(level for cost, level in costs if cost <= budget)  # the one that gives an arm most
        assert dearest(trials, trials.arms, [], budget) == first
    cheapest = min(cost for cost, _ in costs)
    with pytest.raises(TooSmall) as small:
        dearest(trials, trials.arms, [], 0.999 * cheapest)
    assert small.value.cheapest == cheapest


def test_a_later_rung_gives_more_than_the_one_before():
    trials = recorded([0.6, 0.7])
    with pytest.raises(TooSmall):
        dearest(trials, trials.arms, [], 1e9, above=Level(3, 1.0))
    assert dearest(trials, trials.arms, [], 1e9, above=Level(2, 1.0)) == (3, 1.0)


def test_too_small_a_budget_names_the_cheapest_that_fits():
    trials = recorded([0.6] * 8)
    with pytest.raises(TooSmall) as small:
        halve(trials, budget=3.0)
    assert not trials.recorded
    found = halve(trials, budget=small.value.cheapest)
    assert found.affordable
    assert trials.cost(found.trials, final=found.chosen) <= small.value.cheapest


def test_a_planted_best_arm_survives_within_the_budget():
    """Many rounds over worlds whose arms differ in quality, price and speed of learning."""
    found = simulate(Setting(arms=8, lead=3.0, noise=1.0, budget=0.6), rounds=120)
    assert (found.over, found.none) == (0, 0)
    assert found.kept > 0.9
    assert found.grid_kept > 0.97
    assert found.cost < 0.6
    assert found.behind < 0.5
    assert as_markdown([found]).splitlines()[2].startswith("| 8 | 3 | 1 | 60% |")


def test_prices_that_were_too_low_end_the_search_and_not_the_budget():
    """What is trained turns out half as dear again: arms are dropped for the money, and that is reported."""
    for scale in (1.2, 1.5, 2.0):
        trials = recorded([0.6, 0.61, 0.62, 0.63, 0.64, 0.65, 0.66, 0.67], dearer=scale, noise=0.0)
        budget = 0.5 * trials.grid
        found = halve(trials, budget=budget)
        assert trials.cost(found.trials) <= budget
        assert found.affordable == (trials.cost(found.trials, final=found.chosen) <= budget)
        assert found.chosen == "a7"
    assert any(rung.unaffordable for rung in found.rungs) or found.unaffordable or not found.affordable


def test_standings_say_on_what_evidence_an_arm_was_dropped():
    trials = recorded([0.6, 0.7, 0.65, 0.5], seeds=4, noise=0.01)
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
    trials = recorded([0.6, 0.7], noise=0.0)
    scores = trials.scores
    trials.scores = lambda wanted: {t: s for t, s in scores(wanted).items() if t.arm != "a1"}
    found = halve(trials, budget=1e9)
    assert found.chosen == "a0"
    assert found.rungs[0].standings[-1].score is None
