from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from toy_phases import toy

from xstilts.pipeline.graph import Graph
from xstilts.pipeline.node import Node
from xstilts.pipeline.schedule import Schedule, needed


def labels(nodes) -> list[str]:
    return [node.label for node in nodes]


def test_only_what_is_missing_is_needed():
    a = toy("a")
    b, c = toy("b", a), toy("c", a)
    graph = Graph([b, c])
    assert labels(needed(graph, present=lambda n: False, damaged={})) == ["a", "b", "c"]
    assert labels(needed(graph, present=lambda n: n in (a, b), damaged={})) == ["c"]
    assert needed(graph, present=lambda n: n in (b, c), damaged={}) == []  # a was removed; nobody reads it
    assert labels(needed(graph, present=lambda n: n is b, damaged={})) == ["a", "c"]


def test_a_missing_chain_above_what_is_there_is_not_needed():
    a = toy("a")
    b = toy("b", a)
    c = toy("c", b)
    assert needed(Graph([c]), present=lambda n: n is c, damaged={}) == []
    assert labels(needed(Graph([c, a]), present=lambda n: n is c, damaged={})) == ["a"]


def test_a_damaged_node_is_needed_and_what_it_reads():
    a = toy("a")
    b = toy("b", a)
    c = toy("c", b)
    graph = Graph([c])
    assert labels(needed(graph, present=lambda n: True, damaged={b.key: "x"})) == ["b"]
    assert labels(needed(graph, present=lambda n: n is not a, damaged={b.key: "x"})) == ["a", "b"]


def test_the_longest_path_goes_first_and_ties_keep_their_order():
    short = [toy(f"short{i}") for i in range(3)]
    chain = toy("start")
    for name in ("middle", "end"):
        chain = toy(name, chain)
    graph = Graph([*short, chain])
    schedule = Schedule(graph, graph.nodes)
    order = []
    while batch := schedule.next_batch(slots=1, of=1):
        order += labels(batch)
        for node in batch:
            schedule.done(node)
    assert order == ["start", "middle", "short0", "short1", "short2", "end"]


def test_a_group_goes_together_where_it_is_ready_together():
    root = toy("root")
    group = [toy(f"g{i}", root, group="xnli") for i in range(3)]
    other = toy("other", root, group="pos")
    late = toy("late", group[0], group="xnli")
    graph = Graph([*group, other, late])
    schedule = Schedule(graph, graph.nodes)
    assert labels(schedule.next_batch(slots=2, of=2)) == ["root"]
    assert schedule.next_batch(slots=2, of=2) == []
    schedule.done(root)
    assert labels(schedule.next_batch(slots=2, of=2)) == ["g0", "g1", "g2"]
    assert labels(schedule.next_batch(slots=1, of=2)) == ["other"]
    schedule.again(group[1])
    schedule.again(group[2])
    assert labels(schedule.next_batch(slots=1, of=2)) == ["g1"]
    schedule.done(group[0])
    assert labels(schedule.next_batch(slots=1, of=2)) == ["g2"]
    assert labels(schedule.next_batch(slots=1, of=2)) == ["late"]


def test_a_wide_node_waits_for_its_cores_and_is_not_overtaken():
    wide, narrow = toy("wide", threads=4), toy("narrow")
    leaf = toy("leaf", wide)
    graph = Graph([leaf, narrow])
    schedule = Schedule(graph, graph.nodes)
    assert schedule.next_batch(slots=1, of=2) == []
    assert labels(schedule.next_batch(slots=2, of=2)) == ["wide"]  # it wants four and gets all there are
    assert labels(schedule.next_batch(slots=1, of=2)) == ["narrow"]


def test_a_failure_stops_what_is_below_it_only():
    a, b = toy("a"), toy("b")
    c = toy("c", a, b)
    d = toy("d", b)
    graph = Graph([toy("e", c), d])
    schedule = Schedule(graph, graph.nodes)
    assert labels(schedule.next_batch(slots=1, of=1)) == ["a"]
    schedule.failed(a)
    assert labels(schedule.next_batch(slots=1, of=1)) == ["b"]
    schedule.done(b)
    assert labels(schedule.next_batch(slots=1, of=1)) == ["d"]
    schedule.done(d)
    assert schedule.next_batch(slots=1, of=1) == []
    assert labels(schedule.not_run) == ["c", "e"]


def test_after_a_stop_nothing_comes():
    nodes = [toy(name) for name in "abcd"]
    graph = Graph([*nodes, toy("e", nodes[1])])
    schedule = Schedule(graph, graph.nodes)
    (b,) = schedule.next_batch(slots=1, of=1)
    (a,) = schedule.next_batch(slots=1, of=1)
    assert labels([b, a]) == ["b", "a"]
    schedule.stop([b, a])
    schedule.done(b)
    schedule.again(a)
    assert schedule.next_batch(slots=1, of=1) == []
    assert labels(schedule.not_run) == ["a", "c", "d", "e"] or labels(schedule.not_run) == ["a", "e", "c", "d"]


def test_what_is_reopened_comes_first_and_who_reads_it_waits():
    a = toy("a")
    b, c = toy("b", a), toy("c", a)
    other = toy("other")
    graph = Graph([b, c, toy("d", other)])
    schedule = Schedule(graph, [b, c, other, graph.targets[-1]])
    assert not schedule.expects(a)
    (first,) = schedule.next_batch(slots=1, of=1)
    assert first is other
    (b_,) = schedule.next_batch(slots=1, of=1)
    assert b_ is b
    schedule.reopen([a])
    schedule.again(b, alone=False)
    assert schedule.expects(a)
    assert labels(schedule.next_batch(slots=1, of=1)) == ["a"]
    assert schedule.next_batch(slots=1, of=1) == []
    schedule.done(a)
    assert labels(schedule.next_batch(slots=1, of=1)) == ["b"]
    schedule.done(other)
    assert labels(schedule.next_batch(slots=1, of=1)) == ["c"]
    assert labels(schedule.next_batch(slots=1, of=1)) == ["d"]


def test_nothing_is_reopened_after_a_stop():
    a = toy("a")
    b = toy("b", a)
    schedule = Schedule(Graph([b]), [b])
    assert labels(schedule.next_batch(slots=1, of=1)) == ["b"]
    schedule.stop([])
    schedule.reopen([a])
    schedule.again(b, alone=False)
    assert schedule.next_batch(slots=1, of=1) == []
    assert sorted(labels(schedule.not_run)) == ["a", "b"]


def test_below_a_reopened_node_that_fails_only_what_was_to_be_computed_has_not_run():
    a = toy("a")
    b, c = toy("b", a), toy("c", a)
    schedule = Schedule(Graph([b, c]), [b])
    assert labels(schedule.next_batch(slots=1, of=1)) == ["b"]
    schedule.reopen([a])
    schedule.again(b, alone=False)
    assert labels(schedule.next_batch(slots=1, of=1)) == ["a"]
    schedule.failed(a)
    assert schedule.next_batch(slots=1, of=1) == []
    assert labels(schedule.not_run) == ["b"]


@given(st.data())
def test_whatever_is_damaged_whenever_all_is_computed_after_its_parents(data):
    """Each node is damaged once at most, at a moment of its own: when a child asks for it, or at no time."""
    nodes: list[Node] = []
    for index in range(data.draw(st.integers(1, 9))):
        parents = data.draw(st.lists(st.sampled_from(nodes), max_size=3, unique=True)) if nodes else []
        nodes.append(toy(str(index), *parents))
    graph = Graph(nodes)
    present = set(data.draw(st.lists(st.sampled_from(graph.nodes), unique=True)))
    damaged = set(data.draw(st.lists(st.sampled_from(graph.nodes), unique=True)))
    schedule = Schedule(graph, [node for node in graph if node not in present])
    running: list[Node] = []
    while True:
        batch = schedule.next_batch(slots=2 - len(running), of=2)
        if batch:
            running += batch
            continue
        if not running:
            break
        node = running.pop(data.draw(st.integers(0, len(running) - 1)))
        bad = [parent for parent in graph.parents(node) if parent in damaged and not schedule.expects(parent)]
        if bad or any(schedule.expects(parent) for parent in graph.parents(node)):
            schedule.reopen([one for one in graph if one in bad])
            damaged -= set(bad)
            schedule.again(node, alone=False)
            continue
        assert all(parent in present for parent in node.parents.values())
        present.add(node)
        schedule.done(node)
    assert present == set(graph.nodes)
    assert schedule.not_run == []
    assert not any(schedule.expects(node) for node in graph)


@given(st.data())
def test_every_node_comes_once_after_its_parents(data):
    nodes: list[Node] = []
    for index in range(data.draw(st.integers(1, 14))):
        parents = data.draw(st.lists(st.sampled_from(nodes), max_size=3, unique=True)) if nodes else []
        group = data.draw(st.sampled_from(["", "x", "y"]))
        nodes.append(toy(str(index), *parents, group=group, threads=data.draw(st.integers(1, 3))))
    graph = Graph(nodes)
    schedule = Schedule(graph, graph.nodes)
    finished: list[Node] = []
    running: list[list[Node]] = []
    free = 2
    while True:
        batch = schedule.next_batch(slots=free, of=2)
        if batch:
            assert all(parent in finished for node in batch for parent in node.parents.values())
            running.append(batch)
            free -= min(batch[0].threads, 2)
            assert free >= 0
            continue
        if not running:
            break
        ended = running.pop(data.draw(st.integers(0, len(running) - 1)))
        free += min(ended[0].threads, 2)
        for node in ended:
            finished.append(node)
            schedule.done(node)
    assert sorted(n.key for n in finished) == sorted(n.key for n in graph.nodes)
    assert schedule.not_run == []
