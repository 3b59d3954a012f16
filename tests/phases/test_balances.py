"""How many examples of each language a balance gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.phases.balances import NAMES, Balance

SIZES = {"a": 1000, "b": 100, "c": 10}


def test_proportional_takes_all_rows_in_proportion():
    balance = Balance()
    assert balance.most(SIZES) == (1110, "c")
    assert balance.counts(SIZES, 1110) == SIZES
    assert balance.counts(SIZES, 111) == {"a": 100, "b": 10, "c": 1}


def test_a_cap_limits_what_a_language_counts_with():
    balance = Balance(cap=100)
    assert balance.most(SIZES)[0] == 210
    assert balance.counts(SIZES, 210) == {"a": 100, "b": 100, "c": 10}


def test_uniform_ends_where_the_smallest_language_does():
    balance = Balance(name="uniform")
    assert balance.most(SIZES) == (30, "c")
    assert balance.counts(SIZES, 30) == {"a": 10, "b": 10, "c": 10}
    assert balance.counts(SIZES, 29) == {"a": 10, "b": 10, "c": 9}


def test_a_temperature_is_between_the_two():
    shares = Balance(name="temperature", temperature=2.0).probabilities({"a": 400, "b": 100})
    assert shares == pytest.approx({"a": 2 / 3, "b": 1 / 3})
    assert Balance(name="temperature", temperature=1.0).probabilities(SIZES) == Balance().probabilities(SIZES)


def test_given_shares_are_kept():
    balance = Balance(shares={"a": 1, "b": 1, "c": 2})
    assert balance.most(SIZES) == (20, "c")
    assert balance.counts(SIZES, 20) == {"a": 5, "b": 5, "c": 10}


def test_what_is_not_given_is_not_in_the_key():
    assert Balance().params() == {"name": "proportional"}
    assert Balance(shares={"a": 1.0}, cap=3).params() == {"shares": {"a": 1.0}, "cap": 3}


@settings(max_examples=200, deadline=None)
@given(
    sizes=st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(1, 10**6), min_size=1, max_size=8),
    name=st.sampled_from(NAMES),
    cap=st.none() | st.integers(1, 10**6),
    part=st.floats(0, 1),
)
def test_counts_sum_up_and_never_repeat_a_row(sizes, name, cap, part):
    balance = Balance(name=name, cap=cap, temperature=3.0 if name == "temperature" else None)
    most, short = balance.most(sizes)
    total = int(part * most)
    counts = balance.counts(sizes, total)
    assert sum(counts.values()) == total
    assert all(0 <= counts[one] <= balance.available(sizes)[one] for one in sizes)
    assert short in sizes
    assert most >= 1
