"""How long nodes take on the cores that there are."""

from __future__ import annotations

import pytest

from xstilts.pipeline.node import Node
from xstilts.runs.timetable import wall_seconds


def node(name, *parents, threads=1, group=""):
    above = {str(index): parent for index, parent in enumerate(parents)}
    return Node(kind="k", params={"name": name}, parents=above, threads=threads, group=group)


def wall(nodes, seconds, *, cores):
    return wall_seconds(nodes, {one.key: spent for one, spent in zip(nodes, seconds, strict=True)}, cores=cores)


def test_independent_nodes_share_the_cores():
    nodes = [node(name) for name in "abcd"]
    assert wall(nodes, [3, 3, 3, 3], cores=1) == 12
    assert wall(nodes, [3, 3, 3, 3], cores=2) == 6
    assert wall(nodes, [3, 3, 3, 3], cores=8) == 3


def test_a_chain_takes_its_sum_on_any_number_of_cores():
    first = node("first")
    second = node("second", first)
    third = node("third", second)
    assert wall([first, second, third], [1, 2, 4], cores=8) == 7


def test_a_wide_node_waits_for_all_cores_and_nothing_runs_beside_it():
    wide = node("wide", threads=2)
    below = [node(name, wide) for name in "ab"]
    assert wall([wide, *below], [10, 3, 3], cores=2) == 13
    assert wall([node("wider", threads=64), node("beside")], [10, 3], cores=2) == 13


def test_a_group_is_one_pass():
    model = node("model")
    languages = [node(name, model, group="of the model") for name in "abcd"]
    assert wall([model, *languages], [5, 1, 1, 1, 1], cores=4) == 9


def test_the_longest_path_goes_first():
    short = [node(f"short {index}") for index in range(2)]
    root = node("root")
    leaf = node("leaf", root)
    assert wall([*short, root, leaf], [4, 4, 4, 4], cores=2) == 8


def test_what_is_cached_takes_no_time():
    model = node("model")
    below = node("below", model)
    assert wall_seconds([model, below], {below.key: 2.0}, cores=2) == pytest.approx(2.0)
    assert wall_seconds([model], {}, cores=2) == 0
