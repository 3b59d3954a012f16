"""Claims on synthetic counts: what is measured, the verdict of an interval, families, and the confidence."""

import numpy as np
import pytest
from synthetic_counts import cell, failure

from xstilts.analysis.answers import CONTRADICTED, SUPPORTED, Contrast
from xstilts.analysis.bootstrap import Sampled
from xstilts.analysis.claims.measured import Quantity, RunCounts, Side, best_of
from xstilts.analysis.claims.verdicts import (
    NOT_TESTED,
    UNDERPOWERED,
    Expectation,
    judged_family,
    of_claim,
    of_family,
    together,
)
from xstilts.analysis.contrasts import contrasted

SOURCES = {"xnli": "eng-Latn", "udpos": "eng-Latn"}
RATES = {"none": 0.4, "random": 0.5, "hard": 0.8}


def cells(rates=RATES, targets=("xnli", "udpos"), seeds=(1, 2, 3)):
    return [
        cell(arm, target, language, seed, rate=rate)
        for arm, rate in rates.items()
        for target in targets
        for seed in seeds
        for language in ("eng-Latn", "deu-Latn", "tur-Latn")
    ]


def run(of=None, **more):
    of = cells() if of is None else of
    return RunCounts(counts=lambda form: [] if form else of, source_languages=SOURCES, **more)


def side(*arms, against=("none",), targets=("xnli", "udpos"), **more):
    return Side(arms=arms, against=against, targets=targets, **more)


@pytest.mark.parametrize(
    ("wanted", "same"),
    [
        (side("hard"), Contrast(arm="hard", against="none")),
        (side("hard", against=("random",)), Contrast(arm="hard", against="random")),
        (side("hard", targets=("udpos",)), Contrast(arm="hard", against="none", targets=("udpos",))),
        (side("hard", languages=("tur-Latn",)), Contrast(arm="hard", against="none", languages=("tur-Latn",))),
    ],
)
def test_a_quantity_is_the_contrast_of_the_same_arms(wanted, same):
    found = run().measure(Quantity(side=wanted))
    overall = contrasted(same, cells(), source_languages=SOURCES).overall
    assert found.mean == pytest.approx(overall.gain, abs=1e-12)
    stated, _ = judged_family([Quantity(side=wanted)], Expectation(), run())
    (test,) = stated.tests
    assert (test.low, test.high) == pytest.approx((overall.gain_low, overall.gain_high), abs=1e-12)
    assert test.smallest == pytest.approx(contrasted(same, cells(), source_languages=SOURCES).smallest, abs=1e-8)
    assert test.seeds == (1, 2, 3)


def test_a_difference_of_differences_is_that_of_the_contrast():
    less = Contrast(arm="random", against="none")
    overall = contrasted(Contrast(arm="hard", against="none", less=less), cells(), source_languages=SOURCES).overall
    found = run().measure(Quantity(side=side("hard"), less=side("random")))
    assert found.mean == pytest.approx(overall.gain, abs=1e-12)


def test_the_two_sides_may_count_other_targets():
    first = run().measure(Quantity(side=side("hard", targets=("xnli",))))
    second = run().measure(Quantity(side=side("hard", targets=("udpos",))))
    both = run().measure(
        Quantity(side=side("hard", targets=("xnli",)), less=side("hard", targets=("udpos",))),
    )
    assert both.mean == pytest.approx(first.mean - second.mean)
    assert np.allclose(both.crossed, first.crossed - second.crossed)


def test_several_arms_are_averaged_or_the_best_is_taken():
    hard, random = (run().measure(Quantity(side=side(arm))) for arm in ("hard", "random"))
    both = run().measure(Quantity(side=side("hard", "random")))
    assert both.mean == pytest.approx((hard.mean + random.mean) / 2)
    best = run().measure(Quantity(side=side("hard", "random", best=True)))
    assert best.mean == pytest.approx(hard.mean, abs=1e-3)  # far ahead: chosen in every replicate


def sampled(mean, crossed):
    return Sampled(
        mean=mean, by_seed={1: mean}, fewest=1, clusters=9, crossed=np.asarray(crossed), fixed=np.asarray(crossed)
    )


def test_the_best_of_arms_that_are_alike_is_corrected_for_having_been_chosen():
    rng = np.random.default_rng(1)
    estimates, plain = [], []
    for _ in range(200):  # 20 arms without any gain, each known to within 1 point
        points = rng.normal(0, 0.01, 20)
        gains = [sampled(point, rng.normal(point, 0.01, 500)) for point in points]
        plain.append(max(points))
        estimates.append(best_of(gains).mean)
    assert np.mean(plain) > 0.017
    assert abs(np.mean(estimates)) < np.mean(plain) / 2


def test_the_best_of_one_arm_is_that_arm():
    alone = sampled(0.1, [0.1, 0.2])
    assert best_of([alone]) is alone


@pytest.mark.parametrize(
    ("expects", "low", "high", "margin", "verdict"),
    [
        ("gain", 0.01, 0.03, None, SUPPORTED),
        ("gain", -0.03, -0.01, None, CONTRADICTED),
        ("gain", -0.01, 0.02, None, UNDERPOWERED),
        ("gain", -0.004, 0.004, 0.005, CONTRADICTED),
        ("loss", -0.03, -0.01, None, SUPPORTED),
        ("loss", 0.01, 0.03, None, CONTRADICTED),
        ("loss", -0.004, 0.03, 0.005, CONTRADICTED),
        ("loss", -0.03, 0.01, None, UNDERPOWERED),
        ("equal", -0.004, 0.004, 0.005, SUPPORTED),
        ("equal", 0.006, 0.01, 0.005, CONTRADICTED),
        ("equal", -0.02, -0.006, 0.005, CONTRADICTED),
        ("equal", -0.004, 0.006, 0.005, UNDERPOWERED),
        ("no_gain", -0.004, 0.004, 0.005, SUPPORTED),
        ("no_gain", -0.03, -0.02, 0.005, SUPPORTED),
        ("no_gain", 0.006, 0.02, 0.005, CONTRADICTED),
        ("no_gain", 0.001, 0.006, 0.005, UNDERPOWERED),
    ],
)
def test_the_interval_decides(expects, low, high, margin, verdict):
    assert Expectation(expects=expects, margin=margin).verdict(low, high) == verdict


def test_the_confidence_is_the_share_of_replicates_on_the_side_of_the_claim():
    draws = np.array([-0.02, -0.001, 0.002, 0.004, 0.02])
    shares = {
        name: Expectation(expects=name, margin=0.005).on_side(draws).mean()
        for name in ("gain", "loss", "equal", "no_gain")
    }
    assert shares == {"gain": 0.6, "loss": 0.4, "equal": 0.6, "no_gain": 0.8}
    stated, _ = judged_family([Quantity(side=side("random"))], Expectation(), run())
    crossed = run().measure(Quantity(side=side("random"))).crossed
    assert stated.confidence == stated.tests[0].confidence == (crossed > 0).mean()


@pytest.mark.parametrize(
    ("verdicts", "needed", "whole"),
    [
        ([SUPPORTED, SUPPORTED, UNDERPOWERED], 3, UNDERPOWERED),
        ([SUPPORTED, SUPPORTED, UNDERPOWERED], 2, SUPPORTED),
        ([SUPPORTED, SUPPORTED, CONTRADICTED], 3, CONTRADICTED),
        ([SUPPORTED, CONTRADICTED, UNDERPOWERED], 2, UNDERPOWERED),
        ([SUPPORTED, CONTRADICTED, CONTRADICTED], 2, CONTRADICTED),
        ([UNDERPOWERED, CONTRADICTED, CONTRADICTED], 1, UNDERPOWERED),
        ([SUPPORTED, NOT_TESTED], 1, NOT_TESTED),
        ([], 1, NOT_TESTED),
    ],
)
def test_so_many_of_a_family_have_to_hold(verdicts, needed, whole):
    assert of_family(verdicts, needed) == whole


def test_all_that_a_claim_says_has_to_hold():
    assert of_claim([SUPPORTED, SUPPORTED]) == SUPPORTED
    assert of_claim([SUPPORTED, UNDERPOWERED, NOT_TESTED]) == NOT_TESTED
    assert of_claim([SUPPORTED, NOT_TESTED, CONTRADICTED]) == CONTRADICTED
    assert of_claim([]) == NOT_TESTED


def test_the_confidence_in_several_things_is_that_of_all_at_once():
    gain, gained = judged_family([Quantity(side=side("random"))], Expectation(), run())
    less, lost = judged_family([Quantity(side=side("random"))], Expectation(expects="loss"), run())
    assert gain.confidence + less.confidence == pytest.approx(1.0, abs=0.01)
    assert together([gained, lost]) == 0.0
    assert together([gained, gained]) == gain.confidence
    assert together([]) is None


def test_bonferroni_widens_the_intervals_of_a_family():
    family = [Quantity(side=side("random", targets=(target,))) for target in ("xnli", "udpos")]
    plain, _ = judged_family(family, Expectation(), run())
    corrected, _ = judged_family(family, Expectation(correction="bonferroni"), run())
    for one, wider in zip(plain.tests, corrected.tests, strict=True):
        assert wider.level == pytest.approx(0.975)
        assert wider.low < one.low < one.high < wider.high
        # What could have been seen is at the level of the interval.
        assert wider.smallest > one.smallest


def test_max_t_lies_between_no_correction_and_bonferroni():
    family = [Quantity(side=side("random", targets=(target,))) for target in ("xnli", "udpos")]
    level = {
        name: judged_family(family, Expectation(correction=name), run())[0].tests[0].level
        for name in ("none", "max_t", "bonferroni")
    }
    assert level["none"] < level["max_t"] < level["bonferroni"] + 0.005


def test_max_t_costs_nothing_where_all_tests_are_one():
    family = [Quantity(side=side("random")), Quantity(side=side("random"))]
    (one, other), (alone,) = (
        judged_family(members, Expectation(correction="max_t"), run())[0].tests for members in (family, family[:1])
    )
    assert (one.low, one.high) == (other.low, other.high) == (alone.low, alone.high)


def test_the_claimed_size_is_looked_for_in_the_interval():
    def holds(size):
        return judged_family([Quantity(side=side("hard"))], Expectation(size=size), run())[0].tests[0].holds_size

    assert (holds(0.4), holds(0.9), holds(None)) == (True, False, None)


def test_what_the_run_lacks_is_not_tested():
    gone, shares = judged_family([Quantity(side=side("gone"))], Expectation(), run())
    assert (gone.verdict, gone.confidence, shares) == (NOT_TESTED, None, None)
    assert gone.tests[0].effect is None
    one_cluster = [cell(arm, "xnli", "deu-Latn", 1, n=2, per_cluster=2) for arm in ("none", "hard")]
    found, _ = judged_family([Quantity(side=side("hard", targets=("xnli",)))], Expectation(), run(one_cluster))
    assert (found.verdict, found.tests[0].low) == (NOT_TESTED, None)


def test_the_evaluations_behind_a_claim_are_known_and_so_are_those_that_failed():
    failed = [failure("hard", "xnli", "fra-Latn", 1), failure("random", "xnli", "fra-Latn", 1)]
    stated, _ = judged_family([Quantity(side=side("hard", targets=("xnli",)))], Expectation(), run(failed=failed))
    (test,) = stated.tests
    expected = {
        one.node
        for one in cells()
        if one.arm in ("none", "hard") and one.target == "xnli" and one.language != "eng-Latn"
    }
    assert set(test.nodes) == expected
    assert test.lacking == 1
