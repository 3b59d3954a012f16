"""Texts in messages are cut alike, whoever quotes them."""

from __future__ import annotations

import pytest

from xstilts.data.user_layouts import column_number
from xstilts.errors import ConfigError, DataError, beginning
from xstilts.experiments.loading import parse_setting


@pytest.mark.parametrize(("length", "shown"), [(0, ""), (40, "a" * 40), (41, "a" * 39 + "…"), (9_999, "a" * 39 + "…")])
def test_a_text_is_shown_whole_or_by_its_beginning(length, shown):
    assert beginning("a" * length) == shown


def test_the_length_is_that_of_what_is_shown():
    assert beginning("äöü" * 100, 200) == "äöü" * 66 + "ä…"
    assert len(beginning("a" * 500, 200)) == 200


def test_messages_cut_what_they_quote():
    with pytest.raises(ConfigError, match=rf"got '{'9' * 39}…'"):
        column_number("tag", "9" * 5_000, where="task mine")
    with pytest.raises(ConfigError, match=rf"^--set {'k' * 199}…: expected key.path=value"):
        parse_setting("k" * 5_000)
    assert str(DataError(f"{'7' * 301} is too large", file="a.csv")) == f"a.csv: {'7' * 80}… is too large"
