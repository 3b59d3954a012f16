"""The bootstrap against plain loops over its own draws, and against an independent one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.analysis import bootstrap, percentiles, totals
from xstilts.analysis.means import Mean


def weights(target, clusters, replicates):
    return np.concatenate(list(bootstrap.cluster_weights(target, clusters, replicates=replicates)))


@given(n=st.integers(1, 40), replicates=st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_every_replicate_draws_as_many_clusters_as_there_are(n, replicates):
    drawn = weights("xnli", [f"c{i}" for i in range(n)], replicates)
    assert drawn.shape == (replicates, n)
    assert (drawn.sum(axis=1) == n).all()
    assert (drawn >= 0).all()


def test_draws_depend_on_target_and_ids_alone(monkeypatch):
    ids = [f"c{i}" for i in range(30)]
    once = weights("xnli", ids, 100)
    np.testing.assert_array_equal(once, weights("xnli", ids, 100))
    assert (once != weights("panx", ids, 100)).any()
    assert (once != weights("xnli", [*ids[:-1], "other"], 100)).any()
    monkeypatch.setattr(bootstrap, "BLOCK", 90)  # three rows at a time
    np.testing.assert_array_equal(once, weights("xnli", ids, 100))


def test_ids_are_told_apart_whatever_they_contain():
    assert (weights("t", ["a", "b\x1f"], 200) != weights("t", ["a\x1f", "b"], 200)).any()
    assert weights("t", ["\ud800", "z"], 5).shape == (5, 2)  # a lone surrogate from a broken file


def test_golden_draws():
    """The draws are part of the published numbers: a change shows here."""
    assert bootstrap.seed_draws([12, 11, 13], replicates=4).tolist() == GOLDEN_SEEDS
    assert weights("xnli", ["a", "b", "c", "d"], 3).tolist() == GOLDEN_CLUSTERS


GOLDEN_SEEDS = [[1, 2, 0], [2, 0, 2], [2, 0, 1], [0, 2, 2]]
GOLDEN_CLUSTERS = [[2.0, 1.0, 1.0, 0.0], [3.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 3.0]]


def test_sums_are_exact_and_do_not_depend_on_the_columns_beside_them():
    rng = np.random.default_rng(3)
    counts = rng.random((500, 5))
    cluster_of = rng.integers(0, 40, 500)
    sums = totals.cluster_sums(counts, cluster_of, 40)
    ids = [f"{i:02d}" for i in range(40)]

    def drawn(columns):
        return totals.drawn_totals(sums[:, columns], bootstrap.cluster_weights("t", ids, replicates=50))

    together = drawn([0, 1, 2, 3, 4, 1])
    np.testing.assert_array_equal(together[:, [1]], drawn([1]))
    np.testing.assert_array_equal(together[:, 1], together[:, 5])
    np.testing.assert_array_equal(together[:, [4, 0]], drawn([4, 0]))
    np.testing.assert_allclose(
        together[:, :5],
        weights("t", ids, 50) @ np.array([counts[cluster_of == c].sum(axis=0) for c in range(40)]),
        atol=1e-5,
    )


def test_seeds_are_drawn_once_for_all_replicates_of_a_score():
    points, seeds = np.array([0.2, 0.6]), (11, 12)
    replicates = np.tile(points, (400, 1))
    drawn = bootstrap.sampled(points, replicates, seeds=seeds, clusters=9)
    assert sorted(set(np.round(drawn.crossed, 12))) == [0.2, 0.4, 0.6]
    assert set(drawn.fixed) == {0.4}
    assert drawn.mean == pytest.approx(0.4)
    assert drawn.by_seed == {11: 0.2, 12: 0.6}
    assert drawn.fewest == 2


def test_one_seed_and_no_seed_draw_examples_only():
    replicates = np.random.default_rng(0).random((50, 1))
    for seeds in ((), (7,)):
        drawn = bootstrap.sampled(np.array([0.5]), replicates, seeds=seeds, clusters=9)
        np.testing.assert_array_equal(drawn.crossed, replicates[:, 0])
        assert drawn.fewest == len(seeds)


def test_average_keeps_shared_draws_together():
    a = bootstrap.sampled(np.array([0.2, 0.4]), np.array([[0.2, 0.4], [0.0, 1.0]]), seeds=(1, 2), clusters=9)
    b = bootstrap.sampled(np.array([0.9]), np.array([[0.9], [0.8]]), seeds=(), clusters=4)
    together = Mean()
    together.extend([a, b])
    mean = together.result()
    assert mean.mean == pytest.approx(0.6)
    assert mean.by_seed == {1: pytest.approx(0.55), 2: pytest.approx(0.65)}
    assert (mean.fewest, mean.clusters) == (2, 4)
    np.testing.assert_allclose(mean.fixed, [(0.3 + 0.9) / 2, (0.5 + 0.8) / 2])
    np.testing.assert_allclose(mean.crossed, (a.crossed + b.crossed) / 2)


def test_undefined_replicates_are_left_out_of_the_interval():
    values = np.linspace(0, 1, 1001)
    assert percentiles.interval(values) == pytest.approx((0.025, 0.975))
    assert percentiles.interval(np.concatenate([values, np.full(300, np.nan)])) == pytest.approx((0.025, 0.975))
    assert percentiles.interval(np.concatenate([values, np.full(2000, np.nan)])) is None
    assert percentiles.interval(np.full(10, np.nan)) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_interval_is_numpys_percentile(values):
    expected = np.percentile(values, [2.5, 97.5])
    np.testing.assert_allclose(percentiles.interval(np.array(values)), expected)
