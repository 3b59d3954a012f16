"""Rows equal the tokenizer's own; truncation, offsets and errors."""

from __future__ import annotations

import threading

import pytest
import tiny_encoder as tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.errors import CheckpointError, ConfigError, UnknownName
from xstilts.heads.inputs import Inputs, ahead, blocks, label_number, longest_first, numbered, trimmed
from xstilts.reading.examples import Bitext, Classified

TEXTS = st.text(alphabet=sorted(set("".join(tiny.SENTENCES) + " \n")), max_size=60)


@settings(max_examples=60, deadline=None)
@given(first=TEXTS, second=TEXTS.filter(bool), style=st.sampled_from(tiny.STYLES), max_length=st.integers(9, 40))
def test_rows_equal_what_the_tokenizer_makes(first, second, style, max_length):
    tok = tiny.tokenizer(style)
    options = {"max_length": max_length, "verbose": False}
    single = tok(first, truncation=True, **options)
    pair = tok(first, second, truncation="longest_first", **options)
    inputs = Inputs(tok, max_length=max_length)
    a, b = inputs.tokens([first, second])
    for row, wanted in ((inputs.row(a), single), (inputs.row(a, b), pair)):
        assert row["input_ids"] == wanted["input_ids"]
        if style == "wordpiece":
            assert row["token_type_ids"] == wanted["token_type_ids"]
        else:
            assert "token_type_ids" not in row


@given(first=st.integers(0, 40), second=st.integers(0, 40), room=st.integers(2, 50))
def test_longest_first_fills_the_room_and_cuts_the_longer(first, second, room):
    a, b = longest_first(first, second, room)
    assert a + b == min(room, first + second)
    assert a <= first
    assert b <= second
    if a < first:
        assert a >= b - 1
    if b < second:
        assert b >= a - 1


def test_offsets_lose_their_white_space():
    text = "\u00a0 ab \u3000c"
    assert trimmed([(0, 3), (1, 5), (4, 6), (5, 6), (5, 7), (0, 0)], text).tolist() == [
        [2, 3],
        [2, 4],
        [-1, -1],
        [-1, -1],
        [6, 7],
        [-1, -1],
    ]
    assert trimmed([], "").shape == (0, 2)


def test_offsets_take_back_the_marks_that_the_normaliser_dropped():
    text = "cafe\u0301 e\u0301e\u0301"
    found = trimmed([(0, 4), (6, 7), (7, 8), (8, 9)], text)
    # The mark at 7 is a token of its own: it stays one.
    assert [text[a:b] for a, b in found] == ["cafe\u0301", "e", "\u0301", "e\u0301"]


def test_a_tokenizer_without_fast_version_is_refused():
    class Slow:
        is_fast = False
        name_or_path = "somewhere"

    with pytest.raises(CheckpointError, match=r"somewhere: the tokenizer Slow has no fast version"):
        Inputs(Slow(), max_length=32)


def test_too_short_a_row_is_refused():
    with pytest.raises(ConfigError, match="max_length 7 is too short; the minimum is 8"):
        Inputs(tiny.tokenizer("sentencepiece"), max_length=7)


def test_long_texts_bring_no_warning(caplog):
    inputs = Inputs(tiny.tokenizer("sentencepiece"), max_length=32)  # model_max_length is 16
    assert len(inputs.tokens(["a" * 400])[0]) > 100
    assert not caplog.records


def test_blocks_keep_order_and_size():
    assert [len(block) for block in blocks(range(7), 3)] == [3, 3, 1]
    assert list(blocks([], 3)) == []


def test_examples_of_another_kind_and_unknown_labels_are_named():
    with pytest.raises(TypeError, match="a Classified was expected, not a Bitext"):
        list(numbered([Bitext(example_id="1", cluster_id="1", source="a", target="b")], Classified))
    example = Classified(example_id="dev-7", cluster_id="7", first="a", label="entailmnt")
    with pytest.raises(UnknownName, match=r"dev-7: unknown label 'entailmnt'; did you mean 'entailment'"):
        label_number("entailmnt", {"entailment": 0, "neutral": 1}, example)


@given(st.lists(st.integers(), max_size=30), st.integers(1, 7))
def test_what_is_made_ahead_is_what_is_made_in_order(items, size):
    assert [*ahead(items, tuple, size)] == [(block, tuple(block)) for block in blocks(items, size)]


def test_what_fails_ahead_fails_in_its_place():
    def work(block):
        if 3 in block:
            raise ValueError("three")
        return sum(block)

    made = ahead(range(6), work, 2)
    assert next(made) == ([0, 1], 1)
    with pytest.raises(ValueError, match="three"):
        next(made)


def test_the_next_block_is_made_while_this_one_is_used():
    began = threading.Event()

    def work(block):
        if block == [1]:
            began.set()
        return block

    made = ahead(range(3), work, 1)
    next(made)
    assert began.wait(10)
