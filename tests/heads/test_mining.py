"""Mining against brute force: neighbours, margins, one-to-one pairs, ties, tiles, memory."""

from __future__ import annotations

import tracemalloc
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xstilts.heads import mining
from xstilts.heads.mining import mine, nearest_of_all

WHOLE = st.integers(-3, 3).map(float)
"""Small integers: dot products are exact, so ties are ties whatever the order of summation."""


def texts(least=1):
    width = st.integers(1, 4)
    counts = st.tuples(st.integers(least, 12), st.integers(least, 12))
    return st.tuples(counts, width).flatmap(
        lambda shape: st.tuples(*(arrays(np.float32, (count, shape[1]), elements=WHOLE) for count in shape[0]))
    )


def nearest(similarities, most):
    return sorted(range(len(similarities)), key=lambda j: (-similarities[j], j))[:most]


def by_hand(left, right, most):
    """As it is described, one pair at a time."""
    table = [[float(a @ b) for b in right] for a in left]
    turned = [list(column) for column in zip(*table, strict=True)]
    of_left, of_right = [nearest(row, most) for row in table], [nearest(row, most) for row in turned]
    left_mean = [fmean(table[i][j] for j in of_left[i]) for i in range(len(left))]
    right_mean = [fmean(table[i][j] for i in of_right[j]) for j in range(len(right))]

    def margin(i, j):
        mean = (left_mean[i] + right_mean[j]) / 2
        return table[i][j] / mean if mean else -np.inf

    proposals = []
    for i in range(len(left)):
        best = max(of_left[i], key=lambda j, i=i: margin(i, j))  # the first of equal ones
        proposals.append((margin(i, best), i, best))
    for j in range(len(right)):
        best = max(of_right[j], key=lambda i, j=j: margin(i, j))
        proposals.append((margin(best, j), best, j))
    pairs, lefts, rights = [], set(), set()
    for value, i, j in sorted(proposals, key=lambda one: -one[0]):  # stable
        if value > 0 and i not in lefts and j not in rights:
            pairs.append((i, j, value))
            lefts.add(i)
            rights.add(j)
    return pairs


def pairs_of(mined):
    return list(zip(mined.left.tolist(), mined.right.tolist(), mined.margin.tolist(), strict=True))


@settings(max_examples=100, deadline=None)
@given(texts(), st.integers(1, 5), st.sampled_from([(1, 1, 1), (1, 3, 5), (16, 1024, 4096)]))
def test_pairs_equal_brute_force(both, most, tiles):
    left, right = both
    with pytest.MonkeyPatch.context() as patch:
        for name, value in zip(("FIRST", "ROWS", "COLUMNS"), tiles, strict=True):
            patch.setattr(mining, name, value)
        assert pairs_of(mine(left, right, neighbours=most)) == by_hand(left, right, most)


@settings(max_examples=60, deadline=None)
@given(texts(), st.integers(1, 5))
def test_neighbours_equal_brute_force_in_both_directions(both, most):
    left, right = both
    table = (left @ right.T).astype(float)
    of_left, of_right = nearest_of_all(left, right, most=most)
    assert of_left.index.tolist() == [nearest(row, most) for row in table]
    assert of_right.index.tolist() == [nearest(column, most) for column in table.T]
    np.testing.assert_array_equal(of_left.similarity, np.take_along_axis(table, of_left.index, axis=1))


def unit(rows, width=32, seed=0):
    found = np.random.default_rng(seed).normal(size=(rows, width)).astype("f4")
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_real_vectors_over_many_tiles(monkeypatch):
    monkeypatch.setattr(mining, "ROWS", 64)
    monkeypatch.setattr(mining, "COLUMNS", 48)
    left = unit(300)
    right = np.concatenate([left[::2] + 0.1 * unit(150, seed=1), unit(130, seed=2)])
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    found = pairs_of(mine(left, right))
    expected = by_hand(left, right, 4)
    assert [pair[:2] for pair in found] == [pair[:2] for pair in expected]
    np.testing.assert_allclose([pair[2] for pair in found], [pair[2] for pair in expected], rtol=1e-5)
    translations = {(2 * i, i) for i in range(150)}
    assert {pair[:2] for pair in found[:150]} == translations, "what is meant stands out"


def test_the_margin_finds_what_the_cosine_misses():
    hub = np.array([1, 0, 0], dtype="f4")
    left = np.stack([hub, [0.8, 0.6, 0], [0.8, -0.6, 0]]).astype("f4")
    right = np.stack([hub, [0.7, 0.7141428, 0], [0.7, -0.7141428, 0]]).astype("f4")
    assert {pair[:2] for pair in pairs_of(mine(left, right))} == {(0, 0), (1, 1), (2, 2)}


def test_nothing_to_mine():
    some = unit(3)
    for left, right in ((some[:0], some), (some, some[:0]), (some[:0], some[:0])):
        assert pairs_of(mine(left, right)) == []
    assert pairs_of(mine(np.zeros((3, 4), "f4"), unit(2, width=4))) == [], "no direction, no margin"


def test_the_same_twice():
    left, right = unit(500), unit(400, seed=3)
    assert pairs_of(mine(left, right)) == pairs_of(mine(left, right))


@pytest.mark.parametrize("equal", [False, True])
def test_memory_does_not_grow_with_the_product_of_the_texts(equal):
    rows, columns = 6_000, 5_000
    left, right = unit(rows, width=4), unit(columns, width=4, seed=1)
    if equal:  # the worst case: nothing passes a bar that is reached at once
        left[:], right[:] = left[0], left[0]
    tracemalloc.start()
    try:
        nearest_of_all(left, right, most=4)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < rows * columns * 4 / 3
