"""Means of many quantities at once have the bits of a loop that adds one after the other."""

from __future__ import annotations

import numpy as np
import pytest

from xstilts.analysis.bootstrap import Sampled
from xstilts.analysis.means import AT_ONCE, Mean, Means

SEEDS = (11, 12, 13)


def part(rng, *, seeds=SEEDS):
    values = rng.normal(size=max(len(seeds), 1))
    return Sampled(
        mean=float(values.mean()),
        by_seed=dict(zip(seeds, values.tolist(), strict=False)),
        fewest=len(seeds),
        clusters=int(rng.integers(2, 90)),
        crossed=rng.normal(size=50),
        fixed=rng.normal(size=50),
    )


def looped(parts, replicates):
    total = replicates(parts[0]).copy()
    for one in parts[1:]:
        total += replicates(one)
    return total / len(parts)


@pytest.mark.parametrize("count", [1, 2, 7, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE + 5])
def test_parts_added_at_once_have_the_bits_of_a_loop(count):
    rng = np.random.default_rng(count)
    parts = [part(rng) for _ in range(count)]
    parts[0].crossed[:3] = -0.0
    whole, in_two = Mean(), Mean()
    whole.extend(parts)
    in_two.extend(parts[: count // 2])
    for one in parts[count // 2 :]:
        in_two.add(one)
    for found in (whole.result(), in_two.result()):
        assert found.crossed.tobytes() == looped(parts, lambda one: one.crossed).tobytes()
        assert found.fixed.tobytes() == looped(parts, lambda one: one.fixed).tobytes()
        assert found.mean == np.mean([one.mean for one in parts])
        assert found.by_seed == {seed: np.mean([one.by_seed[seed] for one in parts]) for seed in SEEDS}
        assert found.clusters == min(one.clusters for one in parts)


def test_a_mean_of_every_key_is_that_of_its_own_parts():
    rng = np.random.default_rng(3)
    seeds = [SEEDS, SEEDS[:2], (), SEEDS]
    rounds = [{arm: part(rng, seeds=seeds[row]) for arm in arms} for row, arms in enumerate(("ab", "abc", "bca", "c"))]
    means, alone = Means(), {arm: Mean() for arm in "abc"}
    for one in rounds:
        means.add(one)
        for arm, quantity in one.items():
            alone[arm].add(quantity)
    for arm, mean in alone.items():
        found, expected = means.result(arm), mean.result()
        assert found[:4] == expected[:4]
        assert found.crossed.tobytes() == expected.crossed.tobytes()
        assert found.fixed.tobytes() == expected.fixed.tobytes()


def test_the_parts_stay_as_they_are():
    rng = np.random.default_rng(4)
    one, other = part(rng), part(rng)
    before = one.crossed.copy()
    means, mean = Means(), Mean()
    for quantity in (one, other):
        means.add({"a": quantity})
        mean.add(quantity)
    assert means.result("a").crossed is not one.crossed
    np.testing.assert_array_equal(one.crossed, before)


def test_nothing_has_no_mean():
    assert Mean().result() is None
    assert Means().result("a") is None
    empty = Mean()
    empty.extend([])
    assert empty.result() is None
