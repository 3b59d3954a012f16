"""Simultaneous intervals: the critical value of independent and of equal members, and the bands."""

import numpy as np
import pytest

from xstilts.analysis.equivalence import equivalent, within
from xstilts.analysis.simultaneous import Maxima, bands, critical_value, single_level
from xstilts.analysis.two_way import of_matrix


def test_independent_members_need_the_level_of_each():
    drawn = np.random.default_rng(1).normal(5, 2, size=(10, 20_000))
    # Φ(c) - Φ(-c) = 0.95 ** (1 / 10)
    assert critical_value(drawn) == pytest.approx(2.800, abs=0.04)


def test_members_that_move_together_count_as_one():
    one = np.random.default_rng(2).normal(size=20_000)
    assert critical_value([one, 3 * one + 7, -one]) == pytest.approx(1.96, abs=0.03)


def test_undefined_replicates_and_members_that_do_not_vary_deviate_by_nothing():
    one = np.random.default_rng(3).normal(size=5000)
    some = one.copy()
    some[::7] = np.nan
    maxima = Maxima()
    for member in (one, np.full(5000, 0.3), some):
        maxima.add(member)
    assert maxima.members == 3
    assert maxima.critical() == pytest.approx(critical_value([one]), abs=0.05)
    assert np.isnan(Maxima().critical())


def test_bands_contain_the_single_intervals_and_are_those_at_the_level_of_one_test():
    assert single_level(1.959964) == pytest.approx(0.95)
    members = of_matrix(np.random.default_rng(4).normal(0.2, 1, size=(6, 3, 40)))
    low, high = members.ends()
    wider = bands(members, 2.8)
    assert (wider[0] < low).all()
    assert (wider[1] > high).all()
    same = bands(members, 1.959964)
    assert same[0] == pytest.approx(low, abs=1e-6)


def test_equivalence_takes_the_whole_interval():
    assert within(-0.009, 0.004, 0.01)
    assert not within(-0.011, 0.004, 0.01)
    assert not within(None, None, 0.01)
    gains = of_matrix(np.random.default_rng(5).normal(0.0, 1, size=(40, 3, 400)))
    low, high = gains.ends()
    assert (equivalent(gains, 0.08) == ((low > -0.08) & (high < 0.08))).all()
    two_one_sided = np.maximum(gains.below(0.08), gains.above(-0.08)) < 0.025
    assert (equivalent(gains, 0.08) == two_one_sided).all()
    assert 0 < equivalent(gains, 0.08).sum() < 40
