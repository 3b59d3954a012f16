"""Files that carry their own SHA-256."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from damaging import flip_unseen
from xstilts.pipeline.sealed import Damaged, keep, kept, made_once, sealed, unsealed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(VALUES, st.data())
def test_whatever_bit_is_changed_the_value_is_the_same_or_it_is_noticed(value, data):
    raw = bytearray(sealed(value).encode())
    assert unsealed(bytes(raw)) == value
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        assert unsealed(bytes(raw)) == value
    except Damaged:
        return


def test_what_json_does_not_tell_apart_is_no_damage():
    value = {10: (1, 2), 9: {"b": None, "a": 1.0}}
    assert unsealed(sealed(value).encode()) == {"10": [1, 2], "9": {"b": None, "a": 1.0}}


def test_what_is_kept_is_found(tmp_path, caplog):
    file = tmp_path / "folder" / "one.json"
    assert kept(file) is None
    keep(file, {"größe": [1, 2.5, None]})
    assert kept(file) == {"größe": [1, 2.5, None]}
    assert caplog.text == ""


def test_a_damaged_one_is_warned_about(tmp_path, caplog):
    file = tmp_path / "one.json"
    keep(file, {"examples": 5010, "labels": ["a", "b"]})
    flip_unseen(file, at=0.9)
    with caplog.at_level(logging.WARNING, logger="xstilts"):
        assert kept(file) is None
    assert f"{file} is damaged" in caplog.text
    caplog.clear()
    file.write_bytes(b'{"exam')
    assert kept(file) is None
    assert "not JSON" in caplog.text


def test_one_of_an_earlier_version_is_stale_and_no_damage(tmp_path, caplog):
    file = tmp_path / "one.json"
    file.write_text(json.dumps({"examples": 5010}))
    with caplog.at_level(logging.WARNING, logger="xstilts"):
        assert kept(file) is None
    assert caplog.text == ""


@pytest.mark.parametrize("which", ["rows", "rows.sha256"])
def test_what_was_made_once_is_made_again_where_it_is_damaged(tmp_path, caplog, which):
    made = []

    def make(file):
        made.append(file)
        file.write_text("many rows")

    for _ in range(2):
        assert made_once(tmp_path / "rows", make).read_text() == "many rows"
    assert len(made) == 1
    flip_unseen(tmp_path / which)
    with caplog.at_level(logging.WARNING, logger="xstilts"):
        assert made_once(tmp_path / "rows", make).read_text() == "many rows"
    assert len(made) == 2
    assert "rows is damaged" in caplog.text
    assert {file.name for file in tmp_path.iterdir()} == {"rows", "rows.sha256"}


def test_a_process_that_was_killed_between_file_and_seal_makes_it_again_in_silence(tmp_path, caplog):
    made_once(tmp_path / "rows", lambda file: file.write_text("old"))
    (tmp_path / "rows.sha256").unlink()
    assert made_once(tmp_path / "rows", lambda file: file.write_text("new")).read_text() == "new"
    assert caplog.text == ""
