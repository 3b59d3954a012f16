"""Regret: by hand, with ties, with intervals from zero where arms cannot be told apart; and predictors judged by it."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from synthetic_counts import cell

from xstilts.analysis.bootstrap import sampled
from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.judged_predictors import RANDOM
from xstilts.analysis.predictions import Prediction, Predictions, predictions_in
from xstilts.analysis.regret import Differences, chosen_sets, rank_correlation

SOURCES = {"xnli": "eng-Latn", "panx": "eng-Latn"}


def gains(means, *, noise=0.002, seeds=5):
    """Gains that share what the seeds do, and have a little noise of their own."""
    rng = np.random.default_rng(1)
    of_seed = rng.normal(0, 0.01, seeds)
    found = {}
    for name, mean in means.items():
        points = mean + of_seed + rng.normal(0, noise, seeds)
        drawn = points + rng.normal(0, noise, (500, seeds))
        found[name] = sampled(points, drawn, seeds=range(seeds), clusters=50)
    return found


def test_regret_is_the_best_less_the_best_of_the_chosen():
    apart = Differences(found := gains({"a": 0.05, "b": 0.03, "c": 0.01, "d": -0.02}))
    means = {name: one.mean for name, one in found.items()}
    ranking = {"a": 1, "b": 3, "c": 2, "d": 9}
    for k, best in ((1, "d"), (2, "b"), (3, "b")):
        regret = apart.regret(ranking, k)
        assert regret.value == pytest.approx(means["a"] - means[best])
        assert regret.interval[0] <= regret.value <= regret.interval[1]
    assert apart.regret(ranking, 1).told
    assert apart.regret(ranking, 1).picks == pytest.approx(means["d"])
    assert apart.regret(ranking, 4) is None, "nothing is left to miss"
    assert apart.regret({}, 1) is None
    assert apart.of_set(["a", "d"]).value == 0


def test_a_choice_that_cannot_be_told_from_the_best_costs_nothing_that_could_be_shown():
    apart = Differences(gains({"a": 0.0105, "b": 0.01, "c": 0.0}, noise=0.02))
    regret = apart.regret({"b": 1, "a": 0, "c": 0.5}, 1)
    assert regret.interval[0] == 0
    assert not regret.told
    right = Differences(gains({"a": 0.2, "b": 0.0, "c": 0.0})).regret({"a": 1, "b": 0, "c": 0}, 1)
    assert right.value == 0
    assert right.interval == (0, 0), "it is better than every other arm"


def test_what_ties_is_chosen_by_lot():
    apart = Differences(found := gains({"a": 0.05, "b": 0.03, "c": 0.01, "d": -0.02}))
    means = np.array([one.mean for one in found.values()])
    for k in (1, 2, 3):
        regret = apart.regret(dict.fromkeys(found, 0.0), k)
        by_hand = np.mean([means.max() - means[list(way)].max() for way in combinations(range(4), k)])
        assert regret.value == pytest.approx(by_hand)
        ends = np.mean([apart.of_set([*found][i] for i in way).interval for way in combinations(range(4), k)], axis=0)
        assert regret.interval == pytest.approx(tuple(ends))
    half = apart.regret({"d": 1, "a": 0, "c": 0, "b": -1}, 2)
    assert half.value == pytest.approx(np.mean([0, means[0] - means[2]]))
    assert apart.regret({"c": 1.0}, 1).value == pytest.approx(means[0] - means[2]), "without a score: behind all others"


def test_ways_of_choosing():
    assert list(chosen_sets([3, 1, 2], 2)) == [(0, 2)]
    assert sorted(chosen_sets([3, 1, 1], 2)) == [(0, 1), (0, 2)]
    many = list(chosen_sets([0.0] * 40, 3))
    assert len(many) == 2000
    assert many == list(chosen_sets([0.0] * 40, 3))
    assert all(len(set(way)) == 3 for way in many)


def test_rank_correlation_carries_the_noise_of_the_gains():
    found = gains({"a": 0.05, "b": 0.03, "c": 0.01, "d": -0.02}, noise=0.0001)
    value, drawn = rank_correlation({"a": 9, "b": 5, "c": 4, "d": 0}, found)
    assert value == pytest.approx(1)
    assert (drawn > 0.99).all()
    value, drawn = rank_correlation({"a": 0, "b": 1, "c": 2, "d": 2}, found)
    assert value == pytest.approx(-3 / math.sqrt(10))
    blurred = gains({"a": 0.01, "b": 0.01, "c": 0, "d": 0}, noise=0.05)
    noisy = rank_correlation({"a": 9, "b": 5, "c": 4, "d": 0}, blurred)
    assert np.std(noisy[1]) > 0.1
    assert rank_correlation({"a": 1, "b": 2}, found) is None, "two arms have no ranks to speak of"
    assert rank_correlation(dict.fromkeys(found, 1.0), found) is None


# Judged by a run -----------------------------------------------------------------------------------------------------

RATES = {"none": 0.4, "good": 0.8, "fair": 0.6, "poor": 0.3}
LANGUAGES = ("eng-Latn", "deu-Latn", "swa-Latn")


@pytest.fixture(scope="module")
def cells():
    return [
        cell(arm, target, language, seed, rate=rate, n=200)
        for arm, rate in RATES.items()
        for target in SOURCES
        for language in LANGUAGES
        for seed in (1, 2, 3)
    ]


def prediction(arm, target, language, predictor, score, **more):
    said = {"flops": 10.0, "training_flops": 100.0, **more}
    return Prediction(arm=arm, target=target, language=language, predictor=predictor, score=score, **said)


def predictions(scores, *, own=(), **more):
    """``scores``: predictor → arm → score."""
    rows = [
        prediction(arm, target, language, name, score, own=(arm, target) in own)
        for name, of_arms in scores.items()
        for arm, score in of_arms.items()
        for target in SOURCES
        for language in LANGUAGES
    ]
    return Predictions(rows=rows, used=tuple(scores), **more)


def judged(cells, given):
    table = gain_matrix(cells, source_languages=SOURCES, replicates=300, predictions=given)
    return table.predictors


def test_predictors_are_judged_beside_lot_and_the_arm_that_is_always_taken(cells):
    given = predictions(
        {
            "oracle": {"good": 3.0, "fair": 2.0, "poor": 1.0},
            "wrong": {"good": 1.0, "fair": 2.0, "poor": 3.0},
            "alike": {"good": 0.0, "fair": 0.0, "poor": 0.0},
            "silent": {"good": None, "fair": None, "poor": None},
        },
        always="fair",
    )
    found = judged(cells, given)
    overall = {one.predictor: one for one in found.overall}
    assert [*overall] == ["oracle", "wrong", "alike", "silent", RANDOM, "always fair"]
    assert overall["oracle"].regrets[1].value == 0
    assert overall["oracle"].correlation.value == pytest.approx(1)
    assert overall["oracle"].over_random.interval[0] > 0
    wrong = overall["wrong"]
    assert wrong.regrets[1].value == pytest.approx(0.5, abs=0.06)
    assert wrong.regrets[1].interval[0] > 0.3
    assert wrong.told == wrong.places == 4, "two targets with two target languages each, the source language apart"
    assert wrong.regrets[2].value < wrong.regrets[1].value
    assert 3 not in wrong.regrets, "there are three arms"
    assert wrong.correlation.value == pytest.approx(-1)
    assert overall["alike"].regrets == overall[RANDOM].regrets
    assert overall["alike"].correlation is None
    assert overall["silent"].places == 0
    assert overall["silent"].silent == 4
    assert overall[RANDOM].over_random.value == pytest.approx(0, abs=1e-12)
    assert overall["always fair"].regrets[1].value == pytest.approx(0.2, abs=0.06)
    assert (overall["oracle"].flops, overall["oracle"].training_flops) == (30, 300), "three arms, for one target"
    assert len(found.by_language) == 4 * 6
    assert found.arms == dict.fromkeys(SOURCES, ("good", "fair", "poor"))


def test_an_arm_that_trains_on_the_target_is_no_candidate(cells):
    scores = {"oracle": {"good": 3.0, "fair": 2.0, "poor": 1.0}}
    found = judged(cells, predictions(scores, own={("good", "xnli")}, always="good"))
    assert found.arms == {"xnli": ("fair", "poor"), "panx": ("good", "fair", "poor")}
    assert found.left_out == {"xnli": ("good",)}
    assert all(one.regrets[1].value == 0 for one in found.by_target if one.predictor == "oracle")
    always = {one.target: one for one in found.by_target if one.predictor == "always good"}
    assert (always["xnli"].places, always["xnli"].silent) == (0, 2)
    assert (always["panx"].places, always["panx"].silent) == (2, 0)


def test_the_means_are_over_languages_and_then_over_targets(cells):
    fewer = [one for one in cells if (one.target, one.language) != ("panx", "swa-Latn")]
    found = judged(fewer, predictions({"wrong": {"good": 1.0, "fair": 2.0, "poor": 3.0}}))
    of_target = {one.target: one for one in found.by_target if one.predictor == "wrong"}
    of_language = [one for one in found.by_language if one.predictor == "wrong" and one.target == "xnli"]
    means = [one.regrets[1].value for one in of_language]
    assert of_target["xnli"].regrets[1].value == pytest.approx(np.mean(means))
    whole = next(one for one in found.overall if one.predictor == "wrong")
    assert whole.regrets[1].value == pytest.approx(np.mean([one.regrets[1].value for one in of_target.values()]))


def test_one_arm_leaves_nothing_to_choose(cells):
    few = [one for one in cells if one.arm in ("none", "good")]
    found = judged(few, predictions({"oracle": {"good": 3.0}}))
    assert found.overall == ()
    assert found.by_target == ()


def test_a_record_gives_back_what_was_said():
    given = predictions({"oracle": {"good": 3.0, "poor": None}}, always="good", told=("something",))
    assert predictions_in({"predictors": given.as_object()}) == Predictions(
        rows=tuple(given.rows), used=given.used, always="good", told=("something",)
    )
    assert predictions_in({}) is None
    assert prediction("a", "t", "l", "p", math.nan).as_object()["score"] is None
