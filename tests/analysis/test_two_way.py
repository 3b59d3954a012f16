"""Variance components against a two-way analysis of variance, from matrices and from replicates."""

import numpy as np
import pytest
from synthetic_counts import cell

from xstilts.analysis.bootstrap import Sampled
from xstilts.analysis.cells import by_place
from xstilts.analysis.paired import paired_by_target
from xstilts.analysis.two_way import TwoWay, of_draws, of_matrix, pooled


def anova(values):
    """Mean squares of a two-way layout without repetition, cell by cell: (seeds, items, rest)."""
    k, n = values.shape
    grand = values.mean()
    rows = sum(n * (values[s].mean() - grand) ** 2 for s in range(k)) / (k - 1)
    columns = sum(k * (values[:, i].mean() - grand) ** 2 for i in range(n)) / (n - 1)
    rest = sum(
        (values[s, i] - values[s].mean() - values[:, i].mean() + grand) ** 2 for s in range(k) for i in range(n)
    ) / ((k - 1) * (n - 1))
    return rows, columns, rest


def test_a_matrix_gives_the_mean_squares_over_its_size():
    values = np.random.default_rng(1).normal(size=(4, 30)) + np.arange(4)[:, None] * 0.3
    found, (rows, columns, rest) = of_matrix(values[None]), anova(values)
    assert found.of_seeds[0] == pytest.approx(rows / 120)
    assert found.of_items[0] == pytest.approx(columns / 120)
    assert found.of_rest[0] == pytest.approx(rest / 120)
    variance = (rows + columns - rest) / 120
    assert found.errors[0] == pytest.approx(np.sqrt(variance))
    spread = (np.sqrt(1 - rest / rows) * rows**2 / 3 + columns**2 / 29) / 120**2
    assert found.freedom[0] == pytest.approx(variance**2 / spread)


def test_seeds_that_differ_by_luck_alone_add_nothing_and_leave_the_items_freedom():
    values = np.tile(np.random.default_rng(2).normal(size=30), (3, 1))
    found = of_matrix(values[None])
    assert found.errors[0] == pytest.approx(values[0].std(ddof=1) / np.sqrt(30))
    assert found.freedom[0] == 29


def test_seeds_that_add_next_to_nothing_do_not_make_the_interval_jump():
    parts = {"means": np.zeros(3), "of_items": np.ones(3), "seeds": np.full(3, 3), "clusters": np.full(3, 200)}
    found = TwoWay(of_seeds=np.array([0.999, 1.0, 1.000001]), of_rest=np.ones(3), **parts)
    assert found.ends()[1][2] == pytest.approx(found.ends()[1][0], rel=0.01)
    whole = TwoWay(of_seeds=np.full(3, 1e6), of_rest=np.zeros(3), **parts)
    assert whole.freedom == pytest.approx(np.full(3, 2.0), rel=1e-4)


def test_one_seed_is_a_t_interval_over_items():
    values = np.random.default_rng(3).normal(size=(1, 12))
    low, high = of_matrix(values[None]).ends()
    half = 2.200985 * values.std(ddof=1) / np.sqrt(12)  # Student's quantile with 11 degrees of freedom
    assert (low[0], high[0]) == pytest.approx((values.mean() - half, values.mean() + half), abs=1e-6)


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_replicates_give_what_the_matrix_gives(seeds):
    """2,000 draws know a variance to 3 % (one standard deviation)."""
    cells = [
        cell(arm, "xnli", "swa-Latn", seed, n=200, per_cluster=1, rate=rate + 0.06 * seed)
        for seed in range(seeds)
        for arm, rate in (("none", 0.4), ("nli", 0.5 if seeds != 3 else 0.3))
    ]
    ((_, pairs),) = paired_by_target(by_place(cells), replicates=2000, targets=["xnli"])
    gain = pairs["nli", "xnli", "swa-Latn", "accuracy"][1]
    right = {(one.arm, one.seed): one.counts[:, 0] for one in cells}
    order = np.argsort(cells[0].cluster_ids)
    values = np.stack([(right["nli", seed] - right["none", seed])[order] for seed in range(seeds)])
    drawn, exact = of_draws([gain]), of_matrix(values[None])
    assert drawn.means[0] == pytest.approx(exact.means[0])
    assert drawn.of_seeds[0] == pytest.approx(exact.of_seeds[0])
    assert drawn.of_items[0] == pytest.approx(exact.of_items[0], rel=0.12)
    assert drawn.of_rest[0] == pytest.approx(exact.of_rest[0], rel=0.12)


def quantity(**changes):
    rng = np.random.default_rng(4)
    fields = {"mean": 0.1, "by_seed": {1: 0.0, 2: 0.2}, "fewest": 2, "clusters": 50}
    fields |= {"crossed": rng.normal(0.1, 0.05, 500), "fixed": rng.normal(0.1, 0.03, 500)}
    return Sampled(**(fields | changes))


def test_what_has_no_error_is_not_a_number():
    undefined = np.full(500, np.nan)
    found = of_draws([quantity(clusters=1), quantity(crossed=undefined, fixed=undefined), quantity()])
    assert np.isnan(found.errors).tolist() == [True, True, False]
    assert np.isfinite(found.ends()[0]).tolist() == [False, False, True]


def test_nothing_that_varies_is_certain():
    found = of_matrix(np.stack([np.zeros((2, 5)), np.ones((2, 5))]))
    assert found.above().tolist() == [0.5, pytest.approx(0, abs=1e-12)]
    assert found.ends()[0].tolist() == found.ends()[1].tolist() == [0.0, 1.0]


def test_a_family_shares_what_seeds_add_but_nobody_loses_of_his_own():
    def two_way(of_seeds, of_rest, seeds):
        count = len(of_seeds)
        return TwoWay(
            means=np.zeros(count),
            of_seeds=np.array(of_seeds),
            of_items=np.full(count, 1.0),
            of_rest=np.array(of_rest),
            seeds=np.array(seeds),
            clusters=np.full(count, 100),
        )

    found = pooled(two_way([0.0, 3.0, 3.0], [1.0, 0.0, 1.0], [4, 4, 4]))
    assert found.between.tolist() == pytest.approx([4 / 3, 3.0, 2.0])
    assert found.freedom[0] == pytest.approx((1 + 4 / 3) ** 2 / ((4 / 3) ** 2 / 3 + 1 / 99))
    collapsed = pooled(two_way([1.0, 1.2, 0.8, 900.0], [0.0, 0.0, 0.0, 0.0], [3, 3, 3, 3]))
    assert collapsed.between.tolist() == pytest.approx([1.0, 1.2, 1.0, 900.0]), "of a failed seed no other is unsure"
    single = pooled(two_way([0.0, 2.0], [0.0, 0.0], [1, 2]))
    assert single.between.tolist() == pytest.approx([0.0, 2.0])
