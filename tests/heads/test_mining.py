"""Mining against brute force: margins, one-to-one pairs, ties."""

from __future__ import annotations

from statistics import fmean

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xstilts.heads.mining import mine

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
@given(texts(), st.integers(1, 5))
def test_pairs_equal_brute_force(both, most):
    left, right = both
    assert pairs_of(mine(left, right, neighbours=most)) == by_hand(left, right, most)


def unit(rows, width=32, seed=0):
    found = np.random.default_rng(seed).normal(size=(rows, width)).astype("f4")
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_real_vectors():
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
