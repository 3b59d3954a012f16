"""First sub-words, long sentences, words of which no token is left."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_encoder as tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.errors import UnknownName
from xstilts.heads.encoder.tagging import HEAD, NO_WORD, NOT_LABELLED
from xstilts.reading.examples import Tagged

LABELS = ("O", "B-LOC", "I-LOC")


def tagged(words, tags=None) -> Tagged:
    return Tagged(example_id="1", cluster_id="1", tokens=tuple(words), tags=tags and tuple(tags))


def perfect(rows):
    """A model that repeats the labels of the rows."""
    return [{"tag": np.maximum(np.array(row["labels"]), 0)} for row in rows]


def test_the_first_subword_carries_the_label():
    (row,) = tiny.encode(HEAD, [tagged(["zq", "Nobody", "xyz"], ["B-LOC", "O", "I-LOC"])], LABELS)
    pieces = tiny.tokenizer("sentencepiece").convert_ids_to_tokens(row["input_ids"])
    assert pieces == ["<s>", "▁", "z", "q", "▁Nobody", "▁", "x", "y", "z", "</s>"]
    none = NOT_LABELLED
    assert row["labels"] == [none, 1, none, none, 0, 2, none, none, none, none]
    assert row["word"] == [NO_WORD, 0, NO_WORD, NO_WORD, 1, 2, NO_WORD, NO_WORD, NO_WORD, NO_WORD]


@settings(max_examples=80, deadline=None)
@given(
    words=st.lists(st.text(alphabet="abcz你แ\u0301\u200b", max_size=14), max_size=40),
    style=st.sampled_from(tiny.STYLES),
    max_length=st.integers(9, 60),
    data=st.data(),
)
def test_every_word_gets_its_tag_back_however_long_the_sentence(words, style, max_length, data):
    tags = data.draw(st.lists(st.sampled_from(LABELS), min_size=len(words), max_size=len(words)))
    example = tagged(words, tags)
    rows = tiny.encode(HEAD, [example], LABELS, style=style, max_length=max_length)
    assert all(len(row["input_ids"]) <= max_length for row in rows)
    starts = [word for row in rows for word in row["word"] if word != NO_WORD]
    assert starts == sorted(set(starts)), "each word starts once, in order"
    if not rows:
        assert HEAD.decode([], [], [example], labels=LABELS) == [("O",) * len(words)]
        return
    (predicted,) = tiny.decoded(HEAD, perfect(rows), rows, [example], LABELS)
    assert predicted == tuple(tag if i in starts else "O" for i, tag in enumerate(tags))


def test_rows_of_a_long_sentence_break_between_words():
    words = ["abcdef"] * 50
    rows = tiny.encode(HEAD, [tagged(words, ["O"] * 50)], LABELS, style="bytes", max_length=32)
    assert len(rows) == 10
    assert {len(row["input_ids"]) for row in rows} == {32}
    assert [word for row in rows for word in row["word"] if word != NO_WORD] == list(range(50))
    assert all(row["word"][1] != NO_WORD for row in rows)


@pytest.mark.parametrize(("labels", "default"), [(LABELS, "O"), (("NOUN", "X"), "X"), (("NOUN", "VERB"), "NOUN")])
def test_words_without_a_token_get_the_tag_for_none(labels, default):
    # BERT's normaliser drops control characters and accents: of these two words nothing is left.
    example = tagged(["\u200b", "\u0301"])
    rows = tiny.encode(HEAD, [example, tagged(["cat"])], labels, style="wordpiece")
    assert [row["example"] for row in rows] == [1]
    outputs = [{"tag": np.full(len(rows[0]["input_ids"]), 1)}]
    predicted = tiny.decoded(HEAD, outputs, rows, [example, tagged(["cat"])], labels)
    assert predicted == [(default, default), (labels[1],)]


def test_an_unknown_tag_is_named():
    with pytest.raises(UnknownName, match="unknown label 'B-LOK'; did you mean 'B-LOC'"):
        tiny.encode(HEAD, [tagged(["Rom"], ["B-LOK"])], LABELS)
