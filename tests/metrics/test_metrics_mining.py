"""Mining F1 by hand, as a set, and the best threshold against every other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.errors import UserError
from xstilts.metrics.mining_f1 import METRIC, best_threshold


def counts(gold, submitted, oracle=()):
    return METRIC.counts(gold, {"submitted": submitted, "oracle": oracle}, language="deu-Latn")


def test_counts_of_one_sentence():
    assert counts(["a"], ["a"], ["b"]).tolist() == [1, 0, 0, 0, 1, 1]
    assert counts([], ["b"]).tolist() == [0, 1, 0, 0, 0, 0]
    assert counts(["a", "b"], ["b", "c", "c"]).tolist() == [1, 1, 1, 0, 0, 2]
    assert counts([], []).tolist() == [0] * 6


def test_scores_by_hand():
    totals = counts(["a"], ["a"], ["a"]) + counts(["b"], [], ["b"]) + counts([], ["c"], ["c"])
    scores = {name: float(value) for name, value in METRIC.scores(totals).items()}
    assert scores == {"f1": 0.5, "precision": 0.5, "recall": 0.5, "oracle_f1": pytest.approx(0.8)}


def test_who_submits_nothing_of_what_is_there_has_0_everywhere():
    scores = METRIC.scores(counts(["a"], []))
    assert scores["f1"] == scores["precision"] == scores["recall"] == 0


PAIRS = st.sets(st.tuples(st.integers(0, 5), st.integers(10, 15)))


@given(PAIRS, PAIRS)
def test_the_sum_over_sentences_is_the_f1_of_the_sets(gold, submitted):
    def of(pairs, left):
        return [right for one, right in pairs if one == left]

    totals = np.sum([counts(of(gold, i), of(submitted, i), of(submitted, i)) for i in range(6)], axis=0)
    both = len(gold & submitted)
    assert totals.tolist() == [both, len(submitted) - both, len(gold) - both] * 2
    if gold or submitted:
        scores = METRIC.scores(totals)
        assert float(scores["f1"]) == float(scores["oracle_f1"]) == 2 * both / (len(gold) + len(submitted))


@pytest.mark.parametrize(
    ("gold", "predicted", "words"),
    [
        (None, {"submitted": [], "oracle": []}, "gold is None"),
        ("de-1", {"submitted": [], "oracle": []}, "gold is 'de-1'"),
        (["a"], {"submitted": []}, "expected ids under submitted and oracle"),
        (["a"], None, "predicted is None"),
        (["a"], {"submitted": "a", "oracle": []}, "submitted is 'a'"),
    ],
)
def test_refuses(gold, predicted, words):
    with pytest.raises(UserError, match=f"mining_f1: .*{words}"):
        METRIC.counts(gold, predicted, language="deu-Latn")


def f1(margins, right, golds, threshold):
    taken = margins >= threshold
    return 2 * right[taken].sum() / max(taken.sum() + golds, 1)


CANDIDATES = st.lists(st.tuples(st.sampled_from([0.5, 0.9, 1.0, 1.1, 1.5, 2.0]), st.booleans()), max_size=12)


@given(CANDIDATES, st.integers(0, 4))
def test_no_threshold_is_better(candidates, missed):
    margins = np.array([margin for margin, _ in candidates])
    right = np.array([correct for _, correct in candidates], dtype=bool)
    golds = int(right.sum()) + missed
    chosen = best_threshold(margins, right, golds=golds)
    best = f1(margins, right, golds, chosen)
    for other in (0.0, *margins, 9.0):
        reached = f1(margins, right, golds, other)
        assert reached <= best
        if best and reached == best:
            assert (margins >= chosen).sum() <= (margins >= other).sum(), "the highest of equally good ones"


def test_half_way_to_the_next_and_all_where_all_are_right():
    margins, right = np.array([1.2, 1.6, 1.0]), np.array([True, True, False])
    assert best_threshold(margins, right, golds=2) == pytest.approx(1.1)
    assert best_threshold(margins, np.array([True, True, True]), golds=3) == 1.0
    one = np.nextafter(1.0, 2.0)
    assert best_threshold(np.array([1.0, one]), np.array([False, True]), golds=1) == one, "nothing lies between"


def test_without_a_right_candidate_all_are_taken_as_upstream():
    assert best_threshold(np.array([1.2, 1.1]), np.array([False, False]), golds=3) == 0.0
    assert best_threshold(np.zeros(0), np.zeros(0, dtype=bool), golds=3) == 0.0
