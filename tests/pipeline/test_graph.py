from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from toy_phases import toy

from xstilts.pipeline.graph import Graph
from xstilts.pipeline.node import Node


def test_equal_nodes_are_one_and_the_first_label_stays():
    first = Node(kind="train", params={"seed": 1}, label="first")
    again = Node(kind="train", params={"seed": 1}, label="again")
    graph = Graph([Node(kind="a", parents={"m": first}), Node(kind="b", parents={"m": again})])
    assert [node.kind for node in graph.nodes] == ["train", "a", "b"]
    assert graph.nodes[0].label == "first"
    assert graph.children(again) == (graph.nodes[1], graph.nodes[2])


def test_targets_are_deduplicated_and_may_stand_above_one_another():
    root = toy("root")
    leaf = toy("leaf", root)
    graph = Graph([leaf, root, toy("leaf", toy("root"))])
    assert graph.targets == (leaf, root)
    assert graph.nodes == (root, leaf)


def test_descendants_are_all_below_in_order():
    a = toy("a")
    b, c = toy("b", a), toy("c", a)
    d = toy("d", b, c)
    e = toy("e")
    graph = Graph([d, e])
    assert [node.label for node in graph.nodes] == ["a", "b", "c", "d", "e"]
    assert [node.label for node in graph.descendants(a)] == ["b", "c", "d"]
    assert graph.descendants(d) == ()
    assert graph.parents(d) == (b, c)


def test_a_long_chain_is_no_recursion():
    node = toy("0")
    for index in range(1, 3000):
        node = toy(str(index), node)
        _ = node.key  # as a builder of graphs does, parents first
    assert len(Graph([node])) == 3000


@given(st.data())
def test_parents_always_come_first_and_the_order_is_stable(data):
    nodes: list[Node] = []
    for index in range(data.draw(st.integers(1, 12))):
        parents = data.draw(st.lists(st.sampled_from(nodes), max_size=3, unique=True)) if nodes else []
        nodes.append(toy(str(index), *parents))
    targets = data.draw(st.lists(st.sampled_from(nodes), min_size=1))
    graph = Graph(targets)
    position = {node: index for index, node in enumerate(graph.nodes)}
    for node in graph.nodes:
        assert all(position[parent] < position[node] for parent in graph.parents(node))
        assert set(graph.children(node)) == {n for n in graph.nodes if node in n.parents.values()}
    assert [n.key for n in Graph(targets).nodes] == [n.key for n in graph.nodes]
    assert set(targets) == set(graph.targets) <= set(graph.nodes)
