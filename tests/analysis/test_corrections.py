"""Corrections for many tests against worked examples, and what must hold of all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xstilts.analysis.corrections import benjamini_hochberg, holm, how_many, partial_conjunction

P_VALUES = arrays(np.float64, st.integers(1, 12), elements=st.floats(0, 1))


def test_holm_and_hochberg_by_hand():
    p_values = np.array([0.01, 0.04, 0.03, 0.005, np.nan])
    assert holm(p_values)[:4].tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg(p_values)[:4].tolist() == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert np.isnan(holm(p_values)[4])
    assert np.isnan(benjamini_hochberg(p_values)[4])


def test_partial_conjunction_by_hand():
    """Dror et al. (2017): (n - u + 1) times the u-th smallest, made to rise."""
    p_values = np.array([0.02, 0.001, 0.4, 0.008])
    assert partial_conjunction(p_values).tolist() == pytest.approx([0.004, 0.024, 0.04, 0.4])
    assert how_many(p_values, error=0.05) == 3
    assert how_many(p_values, error=0.025) == 2


@given(P_VALUES)
def test_as_many_are_counted_as_are_named(p_values):
    assert how_many(p_values, error=0.05) == int((holm(p_values) <= 0.05).sum())


@given(P_VALUES)
def test_no_correction_helps_and_holm_is_the_strictest(p_values):
    assert (benjamini_hochberg(p_values) >= p_values - 1e-12).all()
    assert (holm(p_values) >= benjamini_hochberg(p_values) - 1e-12).all()


def test_of_nothing():
    assert holm(np.empty(0)).size == 0
    assert how_many(np.array([np.nan]), error=0.05) == 0
