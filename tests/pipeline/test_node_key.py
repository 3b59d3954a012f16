from __future__ import annotations

import hashlib
import math

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.errors import XstiltsError
from xstilts.pipeline.node import Node, Shared, canonical

SAFE = st.integers(-(2**53) + 1, 2**53 - 1)
SCALARS = st.none() | st.booleans() | SAFE | st.floats(allow_nan=False, allow_infinity=False) | st.text()
PARAMS = st.dictionaries(
    st.text(), st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
)

TOKENIZER = Node(kind="tokenizer", params={"size": 8000, "coverage": 0.9995}, data={"eng-Latn": "sha256:" + "0" * 64})
MASKED_LM = Node(
    kind="masked_lm",
    params={"learning_rate": 1e-3, "languages": ["eng-Latn", "swa-Latn"], "precision": "bf16", "cap": None},
    versions={"phases.masked_lm": 1, "models.scratch": 2},
    parents={"tokenizer": TOKENIZER},
)


def test_golden_keys():
    """A change here makes every store worthless: raise the schema instead, and say so in the changelog."""
    assert Node(kind="nothing").key == "3dce75a4779f14df150d61ce763201f7eff823ee3ad073ac079b4e28fa1d5d19"
    assert TOKENIZER.key == "e06ea791ebe4c0dc097b53881211231499d8ec452d65626697aada65e9203293"
    assert MASKED_LM.key == "cf44abe0a92000cf705d8c789208f2feb2a260cb9466aef939c31c0904b15183"
    assert (
        Node(kind="unicode", params={"naïve": "ህ🦌", "€": 1e21, "z": -0.0}).key
        == "324dbc1bc86342a0f0dbb1f5fd5a9ebb85723ee8049637acfa2065f74559bf92"
    )


def test_a_key_can_be_recomputed_by_hand():
    text = b'{"data":{},"kind":"k","params":{"a":[1,"\xc3\xa9"]},"parents":{},"schema":1,"versions":{"b":2}}'
    node = Node(kind="k", params={"a": [1, "é"]}, versions={"b": 2})
    assert node.key == hashlib.sha256(text).hexdigest()


@given(PARAMS)
def test_key_ignores_the_order_of_dicts(params):
    backwards = dict(reversed(list(params.items())))
    assert Node(kind="k", params=params).key == Node(kind="k", params=backwards).key


@given(st.text(), st.text(), st.integers(1, 64), st.dictionaries(st.text(), st.text()))
def test_key_ignores_what_cannot_change_the_result(label, group, threads, paths):
    other = Node(
        kind="k", params={"a": 1}, label=label, group=group, threads=threads, paths=paths, estimate={"flops": 1}
    )
    assert other == Node(kind="k", params={"a": 1})
    assert len({other, Node(kind="k", params={"a": 1})}) == 1


@settings(max_examples=30)  # two that are drawn are hardly ever equal
@given(PARAMS, PARAMS)
def test_different_parameters_have_different_keys(first, second):
    same = canonical(first) == canonical(second)
    assert (Node(kind="k", params=first).key == Node(kind="k", params=second).key) == same


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"},
        {"params": {"a": 2}},
        {"params": {}},
        {"versions": {"tasks.xnli": 2}},
        {"data": {"train": "sha256:2"}},
        {"data": {"dev": "sha256:1"}},
        {"parents": {"model": Node(kind="other parent")}},
        {"parents": {"tokenizer": Node(kind="parent")}},
        {"parents": {}},
    ],
)
def test_key_covers_what_can_change_the_result(change):
    base = {
        "kind": "k",
        "params": {"a": 1},
        "versions": {"tasks.xnli": 1},
        "data": {"train": "sha256:1"},
        "parents": {"model": Node(kind="parent")},
    }
    assert Node(**base).key != Node(**{**base, **change}).key


def test_key_follows_a_change_far_above():
    def chain(value: int) -> Node:
        node = Node(kind="root", params={"value": value})
        for _ in range(5):
            node = Node(kind="step", parents={"before": node})
        return node

    assert chain(1).key != chain(2).key
    assert chain(1).key == chain(1).key


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, {1: 2}, {"a": {3}}, b"bytes", "\ud800"])
def test_what_json_does_not_have_is_refused(value):
    with pytest.raises(XstiltsError, match="canonical JSON"):
        _ = Node(kind="k", params={"deep": [value]}).key


def test_numbers_and_strings_are_not_confused():
    keys = {Node(kind="k", params={"a": value}).key for value in (1, "1", True, None, 1.5, [1], {"1": 1})}
    assert len(keys) == 7
    assert Node(kind="k", params={"a": 1}).key == Node(kind="k", params={"a": 1.0}).key


@given(PARAMS)
def test_what_nodes_share_is_written_as_anything_else(params):
    assert canonical(Shared(params)) == canonical(params) == rfc8785.dumps(params)
    assert canonical({"a": [Shared(params)], "b": Shared(params)}) == canonical({"a": [params], "b": params})
    assert Node(kind="k", params=Shared(params), data=Shared()).key == Node(kind="k", params=params).key
