"""Means over seeds by weights are those in order, and what a large grid says is what a small one would say."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from synthetic_counts import cell

from xstilts.analysis import gain_matrix as matrices
from xstilts.analysis import paired
from xstilts.analysis.crossing import ByWeights, InOrder
from xstilts.analysis.gain_matrix import FEWER_REPLICATES, REPLICATES, gain_matrix

SEEDS = (3, 5, 8, 13)
SOURCE = {"xnli": "eng-Latn"}


def scores(undefined=False):
    """[M, B] of four arms with four seeds, in an order that is no arm's own."""
    drawn = np.random.default_rng(7).random((16, 500))
    if undefined:
        drawn[5, ::3] = np.nan
    return drawn, np.arange(16).reshape(4, 4).T


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("seeds", [(), SEEDS[:1], SEEDS[:2], SEEDS])
def test_weights_say_what_the_order_of_the_draw_says(seeds, undefined):
    drawn, places = scores(undefined)
    places = places[:, : max(len(seeds), 1)]
    weights = ByWeights()
    bases = places[[0, 0, 2]]
    for found, expected in (
        (weights.scores(drawn, places, seeds), InOrder().scores(drawn, places, seeds)),
        (weights.gains(drawn, places[1:], bases, seeds), InOrder().gains(drawn, places[1:], bases, seeds)),
    ):
        np.testing.assert_allclose(found[0], expected[0], atol=1e-12)
        np.testing.assert_allclose(found[1], expected[1], atol=1e-12)


@pytest.mark.parametrize("undefined", [False, True])
def test_a_unit_has_the_same_bits_alone_and_beside_others(undefined):
    drawn, places = scores(undefined)
    together = ByWeights().scores(drawn, places, SEEDS)[0]
    gains = ByWeights().gains(drawn, places[1:], places[[0, 0, 0]], SEEDS)[0]
    for index in range(4):
        alone = np.ascontiguousarray(drawn[places[index]])
        np.testing.assert_array_equal(ByWeights().scores(alone, np.array([[0, 1, 2, 3]]), SEEDS)[0][0], together[index])
    np.testing.assert_array_equal(ByWeights().gains(drawn, places[[2]], places[[0]], SEEDS)[0][0], gains[1])


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("crossing", [InOrder(), ByWeights()])
@pytest.mark.parametrize("seeds", [(), SEEDS[:1], SEEDS])
def test_scores_and_gains_together_are_those_apart(crossing, seeds, undefined):
    drawn, places = scores(undefined)
    places = places[:, : max(len(seeds), 1)]
    arms, bases = (1, 2, 3, 0), (0, 0, 0, 2)
    together = crossing.both(drawn, places, seeds, pairs=(arms, bases))
    apart = (
        crossing.scores(drawn, places, seeds),
        crossing.gains(drawn, places[[1, 2, 3, 0]], places[[0, 0, 0, 2]], seeds),
    )
    for found, expected in zip(together, apart, strict=True):
        np.testing.assert_allclose(found[0], expected[0], atol=0 if isinstance(crossing, InOrder) else 2e-12)
        np.testing.assert_allclose(found[1], expected[1], atol=0 if isinstance(crossing, InOrder) else 2e-12)


def test_seeds_that_cancel_out_gain_exactly_nothing():
    base = np.array([[0.1], [0.2], [0.3]]) + np.zeros(1_000)
    arm = base[[2, 0, 1]]
    drawn, places = np.concatenate([base, arm]), np.arange(6).reshape(2, 3)
    gains, fixed = ByWeights().gains(drawn, places[1:], places[:1], (1, 2, 3))
    assert np.isclose(fixed, 0).all()
    assert np.isclose(gains, 0).any()
    assert (gains[np.isclose(gains, 0)] == 0).all()


def grid(seeds=(11, 12, 13), n=120):
    return [
        cell(arm, "xnli", language, seed, rate=rate, n=n, metric=metric)
        for metric in ("accuracy", "span_f1")
        for language in ("eng-Latn", "swa-Latn", "deu-Latn", "tur-Latn")
        for seed in seeds
        for arm, rate in (("none", 0.55), ("nli", 0.6), ("qa", 0.7), ("same", 0.55))
    ]


@pytest.fixture
def large(monkeypatch):
    """Every grid is a large one."""
    for module in (paired, matrices):
        monkeypatch.setattr(module, "LARGE", 1)


def bounds(table):
    found = [
        getattr(one, name)
        for one in (*table.cells, *table.averages, *table.by_morphology)
        for name in ("low", "high", "gain_low", "gain_high", *(["examples_only"] if one.examples_only else []))
    ]
    return np.array([np.nan if one is None else one for ends in found for one in np.atleast_1d(ends)], dtype=float)


@pytest.mark.parametrize("seeds", [(11, 12), (11, 12, 13), (1, 2, 3, 4, 5)])
def test_replicate_by_replicate_a_large_grid_is_a_small_one(request, seeds):
    small = gain_matrix(grid(seeds), source_languages=SOURCE, replicates=400)
    request.getfixturevalue("large")
    found = gain_matrix(grid(seeds), source_languages=SOURCE, replicates=400)
    np.testing.assert_allclose(bounds(found), bounds(small), atol=1e-11)
    assert [one.sign for one in found.cells] == [one.sign for one in small.cells]
    assert [(one.mean, one.gain, one.interval) for one in found.cells] == [
        (one.mean, one.gain, one.interval) for one in small.cells
    ]


def test_fewer_replicates_agree_within_their_monte_carlo_error(request):
    small = gain_matrix(grid(), source_languages=SOURCE)
    request.getfixturevalue("large")
    found = gain_matrix(grid(), source_languages=SOURCE)
    assert (small.replicates, found.replicates) == (REPLICATES, FEWER_REPLICATES) == (2000, 1000)
    apart = []
    for one, other in zip(found.cells + found.averages, small.cells + small.averages, strict=True):
        for low, high in (("low", "high"), ("gain_low", "gain_high")):
            ends = np.array([[getattr(which, low), getattr(which, high)] for which in (one, other)], dtype=float)
            spread = (ends[1, 1] - ends[1, 0]) / (2 * 1.96)
            if spread > 0:  # the baseline has no gain
                apart += (np.abs(ends[0] - ends[1]) / spread).tolist()
    # A 2.5th percentile of 1,000 normal replicates has a standard error of 0.085 standard deviations.
    error = np.sqrt(0.025 * 0.975 / FEWER_REPLICATES) / 0.0584
    assert len(apart) > 100
    assert max(apart) < 4 * error
    assert np.mean(apart) < error


@pytest.mark.parametrize("few", [1, 10_000])
def test_portions_side_by_side_give_the_same_numbers(monkeypatch, few):
    expected = gain_matrix(grid(), source_languages=SOURCE, replicates=100)
    monkeypatch.setattr(paired, "SIDE_BY_SIDE", few)
    monkeypatch.setattr(paired, "TOGETHER", 1)  # a place in every portion
    found = gain_matrix(grid(), source_languages=SOURCE, replicates=100)
    assert (found.cells, found.averages) == (expected.cells, expected.averages)


def test_the_order_of_cells_changes_nothing_in_a_large_grid(large):
    cells = grid()
    shuffled = [cells[index] for index in np.random.default_rng(2).permutation(len(cells))]
    expected = {(one.arm, one.language, one.metric): one for one in gain_matrix(cells, source_languages=SOURCE).cells}
    for one in gain_matrix(shuffled, source_languages=SOURCE).cells:
        same = expected[one.arm, one.language, one.metric]
        assert dataclasses.replace(one, nodes=()) == dataclasses.replace(same, nodes=())
