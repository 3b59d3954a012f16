"""MRR and mAP at a cutoff: definitions, quirks, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.errors import UserError
from xstilts.metrics.mean_average_precision import MeanAveragePrecision
from xstilts.metrics.mean_reciprocal_rank import MeanReciprocalRank

L = "fas-Arab"
BOTH = pytest.mark.parametrize("metric", [MeanReciprocalRank, MeanAveragePrecision], ids=lambda m: m.name)


def value(metric, gold, predicted):
    score, n = metric.counts(gold, predicted, language=L)
    assert n == 1
    return score


def test_reciprocal_rank_of_the_first_correct_id_within_the_cutoff():
    assert value(MeanReciprocalRank(), {"b", "c"}, ["a", "b", "c"]) == 1 / 2
    assert value(MeanReciprocalRank(), {"z"}, [*range(19), "z"]) == 1 / 20
    assert value(MeanReciprocalRank(), {"z"}, [*range(20), "z"]) == 0
    assert value(MeanReciprocalRank(k=None), {"z"}, [*range(20), "z"]) == 1 / 21
    assert value(MeanReciprocalRank(), {"z"}, []) == 0


def test_average_precision_divides_by_what_can_be_found():
    assert value(MeanAveragePrecision(), {"a", "c"}, ["a", "b", "c"]) == pytest.approx((1 + 2 / 3) / 2)
    assert value(MeanAveragePrecision(k=2), {"a", "b", "c"}, ["a", "b"]) == 1
    assert value(MeanAveragePrecision(k=None), {"a", "b", "c"}, ["a", "b"]) == pytest.approx(2 / 3)


def test_an_id_ranked_twice_counts_once_and_keeps_both_ranks():
    assert value(MeanAveragePrecision(), {"a", "b"}, ["a", "a", "b"]) == pytest.approx((1 + 2 / 3) / 2)


def test_gold_may_repeat_and_be_a_list_and_rankings_an_array():
    assert value(MeanAveragePrecision(), [3, 3], np.array([3, 1])) == 1


@given(st.integers(0, 9), st.permutations(range(10)))
def test_one_correct_id_makes_the_two_equal(gold, ranking):
    assert value(MeanAveragePrecision(), {gold}, ranking) == value(MeanReciprocalRank(), {gold}, ranking)


@given(st.sets(st.integers(0, 9), min_size=1), st.permutations(range(10)), st.integers(1, 12))
def test_moving_a_correct_id_up_never_hurts(gold, ranking, k):
    ranking = list(ranking)
    worst = max(position for position, candidate in enumerate(ranking) if candidate in gold)
    better = [ranking[worst], *ranking[:worst], *ranking[worst + 1 :]]
    for metric in (MeanReciprocalRank(k=k), MeanAveragePrecision(k=k)):
        assert value(metric, gold, better) >= value(metric, gold, ranking) - 1e-12


@BOTH
def test_titles_carry_the_cutoff(metric):
    assert metric(k=5).labels_for_people[metric.name].endswith("@5")
    assert "@" not in metric(k=None).labels_for_people[metric.name]


@BOTH
@pytest.mark.parametrize("k", [0, -1, 1.5, True])
def test_a_cutoff_below_1_is_refused(metric, k):
    with pytest.raises(UserError, match="the cutoff k is"):
        metric(k=k)


@BOTH
@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        ((), ["a"], "without a correct id"),
        ("abc", ["a"], "expected a collection of correct ids"),
        ({"a"}, "abc", "expected ranked ids"),
        ({"a"}, {"a"}, "expected ranked ids"),
    ],
)
def test_what_is_no_ranking_is_refused(metric, gold, predicted, message):
    with pytest.raises(UserError, match=message):
        metric().counts(gold, predicted, language=L)
