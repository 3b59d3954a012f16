"""A quick run of the simulation behind docs/intervals.md."""

import pytest

from xstilts.analysis.coverage import METHODS, World, as_markdown, simulate


def test_the_true_gain_of_the_world_is_what_many_draws_give():
    from xstilts.analysis.bootstrap import generator
    from xstilts.analysis.coverage import _draw

    world = World(seeds=200, examples=4000, seed_sd=0.1)
    right = _draw(world, generator("test"))
    assert right[1].mean() - right[0].mean() == pytest.approx(world.gain, abs=0.02)


def test_crossed_covers_where_seeds_differ_and_the_others_fall_behind():
    found = simulate(World(seeds=3, examples=300, seed_sd=0.15), simulations=250, replicates=300)
    assert 0.88 <= found.share["crossed"] <= 1.0
    assert found.share["examples only"] < found.share["crossed"] - 0.1
    assert found.share["nested"] <= found.share["crossed"]
    assert found.width["examples only"] < found.width["nested"] < found.width["crossed"]


def test_example_only_is_nominal_where_seeds_do_not_differ():
    found = simulate(World(seeds=2, examples=200, seed_sd=0.0), simulations=250, replicates=300)
    assert 0.9 <= found.share["examples only"] <= 0.99
    assert found.share["crossed"] >= 0.95


def test_simulation_is_deterministic_and_prints():
    world = World(seeds=2, examples=50, seed_sd=0.1)
    once, twice = (simulate(world, simulations=5, replicates=50) for _ in range(2))
    assert once == twice
    table = as_markdown([once])
    assert all(method in table for method in METHODS)
    assert "| 2 | 50 |" in table


def test_the_published_table_has_the_conditions_of_the_bench_script():
    from pathlib import Path

    root = Path(__file__).resolve().parent.parent.parent
    page = (root / "docs" / "intervals.md").read_text(encoding="utf-8")
    start = as_markdown([]).partition(METHODS[0])[0]
    table = page.partition(start)[2].partition("\n\n")[0]
    rows = [line.split("|")[1:4] for line in table.splitlines() if line.startswith("| ")]
    conditions = [
        World(seeds=seeds, examples=examples, seed_sd=sd)
        for examples in (150, 600)
        for sd in (0.0, 0.05, 0.15)
        for seeds in (1, 2, 3, 5)
    ]
    expected = [[str(w.seeds), str(w.examples), f"{w.seed_points:.1f}"] for w in conditions]
    assert [[part.strip() for part in row] for row in rows] == expected
