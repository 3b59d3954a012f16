"""Held-out rows and samples: deterministic, whole clusters, nested."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.data.splits import hold_out, sample, sample_of_each
from xstilts.reading.examples import Answer, Classified, Question
from xstilts.reading.identify import identify

ROWS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 40)), max_size=120)


def pairs(rows: list[tuple[int, int]]) -> list[Classified]:
    found = [
        Classified(example_id="", cluster_id="", first=f"premise {first}", second=f"{second}", label="neutral")
        for first, second in rows
    ]
    return identify(found)  # type: ignore[return-value]


def content(examples: list[Classified]) -> list[tuple[str, str | None]]:
    return sorted((example.first, example.second) for example in examples)


@given(ROWS, st.randoms(use_true_random=False))
def test_hold_out_depends_on_content_alone(rows: list[tuple[int, int]], order: random.Random) -> None:
    train, dev = hold_out(pairs(rows))
    shuffled = list(rows)
    order.shuffle(shuffled)
    other_train, other_dev = hold_out(pairs(shuffled))
    assert content(train) == content(other_train)
    assert content(dev) == content(other_dev)


@given(ROWS, st.sampled_from([0.05, 0.1, 0.5]), st.integers(1, 40))
def test_hold_out_is_a_partition_by_cluster(rows: list[tuple[int, int]], fraction: float, at_most: int) -> None:
    examples = pairs(rows)
    train, dev = hold_out(examples, fraction, at_most)
    assert sorted(example.example_id for example in train + dev) == sorted(e.example_id for e in examples)
    assert not {example.first for example in train} & {example.first for example in dev}
    ids = [int(example.example_id) for example in dev]
    assert ids == sorted(ids)
    premises = {example.first for example in examples}
    if len(premises) > 1:
        assert dev
        wanted = min(at_most, max(1, round(fraction * len(examples))))
        assert len(dev) <= wanted or len({example.first for example in dev}) == 1
    else:
        assert not dev


def test_hold_out_sizes() -> None:
    rows = [(number, 0) for number in range(20_000)]
    train, dev = hold_out(pairs(rows))
    assert (len(train), len(dev)) == (19_500, 500)
    train, dev = hold_out(pairs(rows[:1_000]))
    assert (len(train), len(dev)) == (900, 100)


def test_rows_of_equal_content_stay_together() -> None:
    question = {"question": "Where?", "context": "In Rome.", "answers": (Answer(text="Rome", start=3),)}
    twins = [Question(example_id=str(i), cluster_id=str(i), **question) for i in range(2)]  # type: ignore[arg-type]
    others = [
        Question(example_id=str(i), cluster_id=str(i), question=f"{i}?", context="c", answers=()) for i in range(2, 40)
    ]
    _, dev = hold_out([*twins, *others], 0.5)
    assert len({"0", "1"} & {example.example_id for example in dev}) in (0, 2)


@given(st.integers(0, 400), st.integers(0, 420), st.integers(0, 420), st.integers(0, 3))
def test_samples_are_nested_and_ordered(length: int, one: int, two: int, seed: int) -> None:
    small, large = sorted((one, two))
    inner, outer = sample(length, small, seed=seed), sample(range(length), large, seed=seed)
    assert set(inner) <= set(outer)
    assert inner == sorted(set(inner))
    assert len(inner) == min(small, length)
    assert all(0 <= position < length for position in inner)
    assert sample(length, None, seed=seed) == list(range(length))


def test_samples_are_fixed() -> None:
    # Golden: a change moves every evaluation that is limited.
    assert sample(1_000, 5) == [24, 177, 470, 486, 565]
    assert sample(1_000, 5, seed=1) != sample(1_000, 5)


@pytest.mark.parametrize("limit", [0, -1])
def test_empty_samples(limit: int) -> None:
    assert sample(10, limit) == []


def test_a_pool_of_parallel_rows_is_sampled_alike_in_every_language() -> None:
    languages = ["deu-Latn", "eng-Latn", "zho-Hani"] * 50
    found = sample_of_each(languages, 7)
    assert found == sorted(found)
    by_language = [[place // 3 for place in found if languages[place] == one] for one in languages[:3]]
    assert by_language == [sample(50, 7)] * 3
    assert sample_of_each(languages, None) == list(range(150))
    assert sample_of_each(["eng-Latn"] * 40, 5) == sample(40, 5)
