"""Many intervals and means at once have the bits of one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from xstilts.analysis.bootstrap import sampled
from xstilts.analysis.crossing import InOrder
from xstilts.analysis.percentiles import interval, intervals, mean_in_order
from xstilts.analysis.printed import printed
from xstilts.analysis.units import Unit, differences, quantities


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 40, 127, 130])
def test_columns_are_summed_in_the_order_of_a_row(count):
    rows = np.random.default_rng(count).random((50, count))
    columns = [np.ascontiguousarray(column) for column in rows.T]
    np.testing.assert_array_equal(mean_in_order(columns), rows.mean(axis=1))
    np.testing.assert_array_equal(np.stack(columns, axis=1), rows)  # what came in is as it was


@pytest.mark.parametrize("replicates", [1, 2, 39, 40, 41, 2000])
def test_an_interval_is_numpy_s_quantiles(replicates):
    values = np.random.default_rng(replicates).random((20, replicates))
    tail = (1 - 0.95) / 2
    expected = [tuple(np.quantile(np.sort(row), [tail, 1 - tail])) for row in values]
    assert intervals(values) == expected == [interval(row) for row in values]


def test_undefined_replicates_are_left_out_of_their_own_interval_alone():
    values = np.random.default_rng(1).random((3, 100))
    values[1, :20] = np.nan
    values[2, :60] = np.nan
    assert intervals(values) == [interval(values[0]), interval(values[1, 20:]), None]


def test_many_quantities_are_each_as_alone():
    rng = np.random.default_rng(3)
    points, drawn = rng.random(9), rng.random((9, 200))
    base = Unit(arm="none", language="a", seeds=(1, 2, 3), places=(0, 1, 2))
    whole = Unit(arm="x", language="a", seeds=(1, 2, 3), places=(3, 4, 5))
    part = Unit(arm="y", language="a", seeds=(2, 9), places=(6, 7))
    constant = Unit(arm="z", language="a", seeds=(), places=(8,))
    units = [base, whole, part, constant]
    for unit, found in zip(units, quantities(units, points, drawn, clusters=5, crossing=InOrder()), strict=True):
        places = list(unit.places)
        alone = sampled(points[places], drawn[places].T, seeds=unit.seeds, clusters=5)
        assert (found.mean, found.by_seed, found.fewest) == (alone.mean, alone.by_seed, alone.fewest)
        np.testing.assert_array_equal(found.crossed, alone.crossed)
        np.testing.assert_array_equal(found.fixed, alone.fixed)
        ends, kind = printed(alone)
        assert found.printed == printed(found) == (pytest.approx(ends), kind)
    gains = differences(units, [None, base, base, base], points, drawn, clusters=5, crossing=InOrder())
    assert gains[0] is None
    assert [gain.by_seed for gain in gains[1:]] == [
        {seed: points[3 + index] - points[index] for index, seed in enumerate((1, 2, 3))},
        {2: points[6] - points[1]},
        {seed: points[8] - points[index] for index, seed in enumerate((1, 2, 3))},
    ]
