"""Two segmentations of a text: spans on whose both ends both have a boundary, and nothing shorter would do."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_encoder as tiny
from hypothesis import given
from hypothesis import strategies as st

from xstilts.heads.alignment import align

WORDS = st.text(alphabet="ab é漢", min_size=1, max_size=12).filter(str.strip)


@st.composite
def segmented(draw):
    """A text, and two ways to cut it anywhere: white space is the first character of a token, or the last."""
    text = draw(WORDS)
    sides = []
    for _ in range(2):
        cuts = sorted(draw(st.sets(st.integers(1, max(1, len(text) - 1)))) & set(range(1, len(text))))
        sides.append(list(zip([0, *cuts], [*cuts, len(text)], strict=True)))
    return text, *sides


def black(text: str, offsets, chosen) -> str:
    """What some tokens say, without white space."""
    return "".join("".join(text[start:end].split()) for start, end in np.array(offsets)[np.asarray(chosen)])


@given(segmented())
def test_every_span_is_the_same_text_on_both_sides(made):
    text, left, right = made
    spans = align(left, right, text)
    for side, offsets in ((spans.left, left), (spans.right, right)):
        assert len(side) == len(offsets)
        assert sorted(set(side.tolist())) == list(range(len(spans)))
        assert (np.diff(side) >= 0).all()
    said = [
        [black(text, offsets, side == span) for span in range(len(spans))]
        for side, offsets in ((spans.left, left), (spans.right, right))
    ]
    assert said[0] == said[1]


@given(segmented())
def test_no_boundary_that_both_have_lies_within_a_span(made):
    text, left, right = made
    spans = align(left, right, text)
    common = set.intersection(
        *({len(black(text, side[:k], range(k))) for k in range(1, len(side))} for side in made[1:])
    )
    end = 0
    for span in range(len(spans)):
        begin, end = end, end + len(black(text, left, spans.left == span))
        assert not common & set(range(begin + 1, end))


@given(WORDS, st.data())
def test_equal_segmentations_are_token_by_token(text, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))  # some tokens cover nothing
    offsets = list(zip([0, *cuts], [*cuts, len(text)], strict=True))
    spans = align(offsets, offsets, text)
    assert spans.left.tolist() == spans.right.tolist() == list(range(len(offsets)))


def test_what_one_side_drops_belongs_to_a_neighbour():
    # The right side has no token for the first character, nor for the accent in the middle.
    spans = align([(0, 1), (1, 3), (3, 4), (4, 6)], [(1, 3), (4, 6)], "xabydz")
    assert (spans.left.tolist(), spans.right.tolist()) == ([0, 0, 0, 1], [0, 1])


def test_pieces_of_one_character_are_one_span():
    spans = align([(0, 1), (0, 1), (0, 1), (1, 2)], [(0, 1), (1, 2)], "½a")
    assert (spans.left.tolist(), spans.right.tolist()) == ([0, 0, 0, 1], [0, 1])


@pytest.mark.parametrize(("left", "right", "kept"), [(2, 9, (2, 1)), (9, 1, (2, 1)), (1, 9, (0, 0)), (9, 9, (3, 2))])
def test_both_sides_are_cut_after_the_same_characters(left, right, kept):
    spans = align([(0, 1), (1, 2), (2, 4)], [(0, 2), (2, 4)], "abcd").within(left, right)
    assert (len(spans.left), len(spans.right)) == kept


@pytest.mark.parametrize(
    ("prefixes", "suffixes", "left", "right"),
    [
        ((1, 1), (1, 1), [0, 1, 1, 2, 3], [0, 1, 2, 3]),
        ((0, 0), (0, 0), [0, 0, 1], [0, 1]),
        ((2, 1), (1, 2), [0, 0, 1, 1, 2, 3], [0, 1, 2, 3, 3]),
        ((1, 0), (0, 1), [0, 0, 0, 1], [0, 1, 1]),
    ],
)
def test_special_tokens_around_a_text(prefixes, suffixes, left, right):
    spans = align([(0, 1), (1, 2), (2, 4)], [(0, 2), (2, 4)], "abcd").between(prefixes, suffixes)
    assert (spans.left.tolist(), spans.right.tolist()) == (left, right)


@pytest.mark.parametrize(("one", "other"), [("sentencepiece", "wordpiece"), ("sentencepiece", "bytes")])
def test_real_segmentations_meet_at_words(one, other):
    """Each span is the same text to both tokenizers, and there is about one for every word that white space tells."""
    for text in tiny.SENTENCES:
        sides = [
            tiny.tokenizer(style).backend_tokenizer.encode(text, add_special_tokens=False) for style in (one, other)
        ]
        spans = align(*(side.offsets for side in sides), text)
        assert len(spans) >= len(text.split())
        assert {len(set(side.tolist())) for side in (spans.left, spans.right)} == {len(spans)}
