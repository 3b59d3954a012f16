"""Every example once an epoch; mixtures and their schedules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.training.sampling import POOL, ExampleSampler, mixture, schedule


def sampler(lengths, batch_size, seed=1):
    return ExampleSampler(np.asarray(lengths, dtype=np.int64), batch_size=batch_size, seed=seed)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=120), st.integers(1, 9), st.integers(0, 9))
def test_an_epoch_has_every_example_once(lengths, batch_size, seed):
    drawn = sampler(lengths, batch_size, seed)
    assert drawn.batches_per_epoch == -(-len(lengths) // batch_size)
    for epoch in range(3):
        first = epoch * drawn.batches_per_epoch
        batches = [drawn.batch(first + i) for i in range(drawn.batches_per_epoch)]
        assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
        sizes = sorted(map(len, batches), reverse=True)
        assert set(sizes[:-1]) <= {batch_size}
        assert 1 <= sizes[-1] <= batch_size


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 60), st.integers(1, 9), st.lists(st.integers(0, 300), min_size=1, max_size=8))
def test_any_batch_is_a_function_of_its_index(examples, batch_size, indices):
    lengths = np.arange(examples) % 7 + 1
    used = sampler(lengths, batch_size)
    for index in indices:
        np.testing.assert_array_equal(used.batch(index), sampler(lengths, batch_size).batch(index))


def test_seeds_and_epochs_draw_anew():
    one, other = sampler(np.arange(100) + 1, 10, seed=1), sampler(np.arange(100) + 1, 10, seed=2)
    epochs = [
        np.concatenate([s.batch(start + i) for i in range(10)]).tolist() for s in (one, other) for start in (0, 10)
    ]
    assert len({tuple(epoch) for epoch in epochs}) == 4


def test_batches_are_of_similar_length_and_in_no_order():
    lengths = np.random.default_rng(0).integers(1, 500, size=POOL * 8)
    drawn = sampler(lengths, 8)
    batches = [lengths[drawn.batch(i)] for i in range(drawn.batches_per_epoch)]
    assert np.mean([b.max() - b.min() for b in batches]) < 60
    means = [b.mean() for b in batches]
    assert means != sorted(means)


TASKS = st.lists(st.integers(1, 500_000), min_size=1, max_size=9)


@settings(deadline=None, max_examples=50)
@given(TASKS, st.none() | st.integers(1, 2**17), st.floats(1, 50))
def test_mixtures_sum_to_one_and_keep_the_order_of_sizes(sizes, cap, temperature):
    by_size = np.argsort(sizes)
    for method in ("proportional", "temperature", "uniform"):
        found = mixture(sizes, method=method, cap=cap, temperature=temperature)
        assert found.sum() == pytest.approx(1)
        assert (found > 0).all()
        assert (np.diff(found[by_size]) >= -1e-12).all()
    np.testing.assert_allclose(found, 1 / len(sizes))


def test_mixtures_by_hand():
    np.testing.assert_allclose(mixture([100, 300], method="proportional"), [0.25, 0.75])
    np.testing.assert_allclose(mixture([100, 300], method="proportional", cap=100), [0.5, 0.5])
    np.testing.assert_allclose(mixture([100, 300], method="proportional", temperature=2), [0.25, 0.75])
    np.testing.assert_allclose(mixture([1, 9], method="temperature", temperature=2), [0.25, 0.75])
    np.testing.assert_allclose(mixture([1, 9, 900], method="temperature", cap=9, temperature=2), [1 / 7, 3 / 7, 3 / 7])


@settings(deadline=None, max_examples=50)
@given(TASKS, st.integers(1, 400), st.integers(0, 5))
def test_schedules_follow_the_shares(sizes, steps, seed):
    shares = mixture(sizes, method="proportional")
    tasks, positions = schedule(shares, steps, seed=seed)
    assert len(tasks) == len(positions) == steps
    counts = np.bincount(tasks, minlength=len(sizes))
    assert (np.abs(counts - shares * steps) < 1 + 1e-6).all()
    for task, count in enumerate(counts):
        assert positions[tasks == task].tolist() == list(range(count)), "each batch of a task in its turn"
    again = schedule(shares, steps, seed=seed)
    np.testing.assert_array_equal(tasks, again[0])


def test_schedules_are_shuffled_by_their_seed():
    shares = mixture([1, 1], method="uniform")
    one, other = schedule(shares, 100, seed=1)[0], schedule(shares, 100, seed=2)[0]
    assert one.tolist() != other.tolist()
    assert one.tolist() != sorted(one.tolist())
