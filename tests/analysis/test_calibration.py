"""Quick runs of the simulations behind docs/intervals.md, and the smallest gain that a study can see."""

import numpy as np
import pytest

from xstilts.analysis.calibration import (
    ARMS,
    LANGUAGES,
    Family,
    many_gains,
    one_gain,
    power_as_planned,
    true_spread,
    with_gain,
)
from xstilts.analysis.coverage import World
from xstilts.analysis.power import Spread, planned, smallest_gain, spread_of
from xstilts.analysis.two_way import of_matrix


def test_components_cover_where_seeds_differ():
    found = one_gain(World(seeds=5, examples=100, seed_sd=0.15), simulations=1500)
    assert 0.93 <= found["coverage"] <= 0.98
    assert found["median"] <= found["width"]


@pytest.mark.parametrize("kind", [LANGUAGES, ARMS])
def test_a_family_errs_less_than_its_members_alone(kind):
    world = World(seeds=3, examples=80, seed_sd=0.1, means=(0.3, 0.9))
    found = many_gains(Family(world=world, kind=kind, members=5, helped=2), simulations=120, replicates=150)
    assert found["max-T"] < found["single"]
    assert found["Holm"] <= 0.1
    assert found["equivalence"] <= 0.1
    assert found["chosen, max-T"] <= found["chosen"]
    assert 0 < found["named"] <= 1


def test_a_family_of_languages_has_the_gains_it_says():
    world = World(seeds=3, examples=40, seed_sd=0.1)
    assert Family(world=world, kind=ARMS, members=3, helped=1).gains.tolist() == [world.gain, 0.0, 0.0]


def test_the_planned_gain_is_seen_about_four_times_in_five():
    world = World(seeds=3, examples=200, seed_sd=0.03, means=(0.3, 0.3))
    smallest, seen = power_as_planned(world, simulations=400)
    assert with_gain(world, smallest).gain == pytest.approx(smallest)
    assert seen == pytest.approx(0.8, abs=0.08)


def test_spread_is_found_again_in_a_study():
    world = World(seeds=30, examples=2000, seed_sd=0.15, means=(0.3, 0.3))
    spread = true_spread(world, examples=4000)
    rng = np.random.default_rng(1)
    values = rng.normal(0, np.sqrt(spread.seeds), (1, 30, 1)) + rng.normal(0, np.sqrt(spread.items), (1, 1, 2000))
    values = values + rng.normal(0, np.sqrt(spread.rest), (1, 30, 2000))
    found = spread_of(of_matrix(values))
    assert found.points == pytest.approx(spread.points, rel=0.4)
    assert found.items == pytest.approx(spread.items, rel=0.1)
    assert found.rest == pytest.approx(spread.rest, rel=0.05)


def test_more_seeds_and_examples_see_smaller_gains_and_one_seed_says_nothing_of_seeds():
    spread = Spread(seeds=0.02**2, items=0.2, rest=0.1)
    sizes = [planned(spread, seeds=seeds, clusters=500) for seeds in (2, 3, 5, 10)]
    assert sizes == sorted(sizes, reverse=True)
    assert planned(spread, seeds=5, clusters=2000) < planned(spread, seeds=5, clusters=500)
    alone = float(smallest_gain(np.array([np.sqrt(0.3 / 500)]), np.array([499.0]))[0])
    assert planned(spread, seeds=1, clusters=500) == pytest.approx(alone, rel=0.01)


def test_the_smallest_gain_of_many_examples_is_that_of_the_normal_distribution():
    found = smallest_gain(np.array([1.0]), np.array([1e6]))
    assert found[0] == pytest.approx(1.959964 + 0.841621, abs=1e-4)
