"""Arms and languages compared in a gain matrix, and what choosing on dev rows costs there."""

import numpy as np
import pytest
from synthetic_counts import cell

from xstilts.analysis.dev_selection import best_less_chosen, correlation
from xstilts.analysis.gain_matrix import gain_matrix

LANGUAGES = ("deu-Latn", "swa-Latn", "tur-Latn", "urd-Arab")
SOURCES = {"xnli": "eng-Latn", "panx": "eng-Latn"}
SEEDS = (1, 2, 3)


def cells(rates, *, targets=("xnli",), languages=LANGUAGES, n=300):
    """Arm → rate, or language → rate."""
    return [
        cell(arm, target, language, seed, n=n, per_cluster=1, rate=rate[language] if isinstance(rate, dict) else rate)
        for arm, rate in rates.items()
        for target in targets
        for language in ("eng-Latn", *languages)
        for seed in SEEDS
    ]


HELPED = {"eng-Latn": 0.5, "deu-Latn": 0.9, "swa-Latn": 0.5, "tur-Latn": 0.85, "urd-Arab": 0.1}


@pytest.fixture(scope="module")
def table():
    arms = {"none": 0.5, "nli": HELPED, "qa": 0.5, "cola": 0.52}
    return gain_matrix(cells(arms, targets=("xnli", "panx")), source_languages=SOURCES, replicates=300)


def test_languages_are_named_and_the_source_language_is_not_among_them(table):
    family = next(one for one in table.comparisons.languages if (one.arm, one.target) == ("nli", "xnli"))
    assert family.helped == ("deu-Latn", "tur-Latn")
    assert family.hurt == ("urd-Arab",)
    assert set(family.gains) == set(LANGUAGES)
    assert family.seeds == 3
    for language in LANGUAGES:
        low, high = family.bands[language]
        assert low < family.gains[language] < high
    others = [one for one in table.comparisons.languages if one.arm == "qa"]
    assert [one.helped + one.hurt for one in others] == [(), ()]


def test_a_band_is_wider_than_the_interval_of_one_language(table):
    family = table.comparisons.languages[0]
    one = table.cell(family.arm, family.target, "deu-Latn")
    low, high = family.bands["deu-Latn"]
    assert high - low > 0.8 * (one.gain_high - one.gain_low)


def test_arms_carry_both_intervals_and_one_for_having_been_chosen(table):
    assert table.comparisons.chosen_from == 3
    for name in ("nli", "qa", "cola"):
        found = table.comparisons.arm(name)
        assert found.gain == pytest.approx(table.average(name, None).gain)
        assert found.chosen[0] <= found.components[0] < found.gain < found.components[1] <= found.chosen[1]
        assert found.smallest > 0
    assert any(one.chosen != one.components for one in table.comparisons.arms)
    assert table.comparisons.arm("none") is None


def test_exploring_counts_all_gains_of_single_languages(table):
    assert table.comparisons.tested == 3 * 2 * 4
    assert 6 <= table.comparisons.worth_a_look <= 12


def test_a_single_arm_is_not_corrected_and_one_language_is_no_family():
    some = cells({"none": 0.5, "nli": 0.6}, languages=("swa-Latn",), n=60)
    found = gain_matrix(some, source_languages=SOURCES, replicates=100).comparisons
    assert found.arm("nli").chosen is None
    assert found.languages == ()
    assert found.tested == 1


def test_without_a_baseline_there_is_nothing_to_compare():
    found = gain_matrix(cells({"nli": 0.6}, n=30), source_languages=SOURCES, replicates=50)
    assert found.comparisons.arms == found.comparisons.languages == ()
    assert (
        gain_matrix(cells({"nli": 0.6}, n=30), source_languages=SOURCES, replicates=50, compare=False).comparisons
        is None
    )


def dev(**by_arm):
    return {(arm, "xnli"): dict(zip(SEEDS, scores, strict=True)) for arm, scores in by_arm.items()}


def test_choosing_the_wrong_arm_on_dev_costs_what_the_best_would_have_gained():
    some = cells({"none": 0.5, "nli": 0.8, "qa": 0.55}, n=400)
    scores = dev(none=(0.7, 0.7, 0.7), nli=(0.6, 0.6, 0.6), qa=(0.9, 0.8, 0.9))
    found = gain_matrix(some, source_languages=SOURCES, replicates=300, dev_scores=scores)
    (one,) = found.selections
    assert one.chosen == "qa"
    assert one.overall.best == "nli"
    assert one.overall.cost == pytest.approx(found.average("nli", "xnli").mean - found.average("qa", "xnli").mean)
    low, high = one.overall.interval
    assert 0 < low < one.overall.cost < high
    assert set(one.by_language) == set(LANGUAGES)
    assert one.trainings == 9
    assert one.dev["qa"] == pytest.approx(0.8666667)


def test_an_oracle_that_cannot_be_told_from_the_choice_costs_nothing():
    some = cells({"none": 0.5, "nli": 0.51}, n=200)
    found = gain_matrix(some, source_languages=SOURCES, replicates=300, dev_scores=dev(none=(1, 1, 1), nli=(0, 0, 0)))
    (one,) = found.selections
    assert one.chosen == "none"
    assert one.overall.interval[0] == 0.0
    assert one.overall.cost >= 0.0


def test_the_best_by_dev_costs_nothing_and_few_dev_scores_select_nothing():
    some = cells({"none": 0.2, "nli": 0.9}, n=200)
    best = gain_matrix(some, source_languages=SOURCES, replicates=100, dev_scores=dev(none=(0, 0, 0), nli=(1, 1, 1)))
    assert best.selections[0].overall.cost == 0.0
    assert best.selections[0].overall.interval == (0.0, 0.0)
    alone = gain_matrix(some, source_languages=SOURCES, replicates=100, dev_scores=dev(nli=(1, 1, 1)))
    assert alone.selections == ()


def test_dev_scores_that_point_the_wrong_way_are_flagged():
    rates = {"none": 0.9, "nli": 0.6, "qa": 0.3}
    scores = dev(none=(0.1, 0.12, 0.14), nli=(0.4, 0.42, 0.44), qa=(0.7, 0.72, 0.74))
    found = gain_matrix(cells(rates, n=400), source_languages=SOURCES, replicates=100, dev_scores=scores)
    (one,) = found.selections
    assert one.opposed == LANGUAGES
    assert all(cost.correlation < -0.8 for cost in one.by_language.values())
    turned = {key: {seed: -score for seed, score in of.items()} for key, of in scores.items()}
    (other,) = gain_matrix(cells(rates, n=400), source_languages=SOURCES, replicates=100, dev_scores=turned).selections
    assert other.opposed == ()


def test_rank_correlation_is_that_of_a_reference():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(1)
    first = rng.integers(0, 5, 12).astype(float)
    second = -first + rng.normal(0, 2, 12)
    reference = spearmanr(first, second, alternative="less")
    rho, chance = correlation(first, second)
    assert rho == pytest.approx(reference.statistic)
    assert chance == pytest.approx(reference.pvalue)
    assert correlation(first[:5], second[:5]) is None
    assert correlation(np.ones(12), second) is None
    assert best_less_chosen([]) is None
