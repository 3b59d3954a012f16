from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_phases import toy

from xstilts.errors import XstiltsError
from xstilts.pipeline.node import Node
from xstilts.pipeline.wire import decode_nodes, encode_nodes

PLAIN = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers(-999, 999) | st.floats(-1, 1) | st.text())


@given(PLAIN, st.dictionaries(st.text(), st.integers(0, 9)), st.text(), st.text(), st.integers(1, 8))
def test_a_node_comes_back_with_everything(params, versions, label, group, threads):
    node = Node(
        kind="k",
        params=params,
        versions=versions,
        data={"train": "sha256:1"},
        parents={"model": toy("parent", toy("grandparent"))},
        label=label,
        group=group,
        threads=threads,
        paths={"train": "/data/train.csv"},
        estimate={"tokens": 12.5},
    )
    text = encode_nodes([node])
    (back,) = decode_nodes(text)
    assert "\n" not in text
    assert back == node
    for name in ("kind", "params", "versions", "data", "label", "group", "threads", "paths", "estimate"):
        assert getattr(back, name) == getattr(node, name)
    assert back.parents["model"].parents["parent0"].label == "grandparent"
    assert encode_nodes([back]) == text


def test_a_shared_parent_is_sent_once_and_stays_shared():
    shared = toy("shared")
    nodes = [toy("a", shared), toy("b", toy("shared"))]
    text = encode_nodes(nodes)
    assert len(json.loads(text)["nodes"]) == 3
    a, b = decode_nodes(text)
    assert a.parents["parent0"] is b.parents["parent0"]


def test_a_target_may_be_the_parent_of_another():
    a = toy("a")
    b = toy("b", a)
    assert decode_nodes(encode_nodes([b, a])) == [b, a]


def test_a_tuple_is_a_list_on_the_other_side_with_the_same_key():
    node = Node(kind="k", params={"languages": ("swa-Latn", "eng-Latn")})
    assert decode_nodes(encode_nodes([node]))[0].key == node.key


def test_a_changed_node_is_refused():
    text = encode_nodes([toy("a")]).replace('"name": "a"', '"name": "b"')
    with pytest.raises(XstiltsError, match="changed its key"):
        decode_nodes(text)
