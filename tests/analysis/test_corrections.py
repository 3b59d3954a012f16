"""Corrections for many tests against worked examples, and what must hold of all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xstilts.analysis.corrections import benjamini_hochberg, holm

P_VALUES = arrays(np.float64, st.integers(1, 12), elements=st.floats(0, 1))


def test_holm_and_hochberg_by_hand():
    p_values = np.array([0.01, 0.04, 0.03, 0.005, np.nan])
    assert holm(p_values)[:4].tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg(p_values)[:4].tolist() == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert np.isnan(holm(p_values)[4])
    assert np.isnan(benjamini_hochberg(p_values)[4])


def how_many(p_values, error):
    """Dror et al. (2017): fewer than u hold has (n - u + 1) times the u-th smallest p-value, made to rise."""
    found, largest = 0, 0.0
    for u, p_value in enumerate(sorted(p_values), start=1):
        largest = max(largest, (len(p_values) - u + 1) * p_value)
        found = u if largest <= error else found
    return found


def test_partial_conjunction_by_hand():
    assert (how_many([0.02, 0.001, 0.4, 0.008], 0.05), how_many([0.02, 0.001, 0.4, 0.008], 0.025)) == (3, 2)


@given(P_VALUES)
def test_as_many_are_named_as_partial_conjunction_counts(p_values):
    assert int((holm(p_values) <= 0.05).sum()) == how_many(p_values, 0.05)


@given(P_VALUES)
def test_no_correction_helps_and_holm_is_the_strictest(p_values):
    assert (benjamini_hochberg(p_values) >= p_values - 1e-12).all()
    assert (holm(p_values) >= benjamini_hochberg(p_values) - 1e-12).all()


def test_of_nothing():
    assert holm(np.empty(0)).size == 0
    assert np.isnan(holm(np.array([np.nan]))).all()
