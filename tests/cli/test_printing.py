"""How values are written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.cli import printing


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (3 << 40, "3.0 TiB"), (5 << 50, "5120.0 TiB")],
)
def test_bytes(count, text):
    assert printing.bytes_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (61, "1 min 01 s"),
        (3900, "1 h 05 min"),
        (3599.9, "1 h 00 min"),
    ],
)
def test_seconds(seconds, text):
    assert printing.seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (12_345, "12.3 k"), (3_000_000, "3 M"), (2.5e12, "2.5 T"), (1e18, "1e+18")],
)
def test_counts(count, text):
    assert printing.count_text(count) == text


def test_json_of_anything(capsys):
    @dataclass
    class Row:
        file: Path
        count: float

    printing.print_json({"rows": [Row(Path("a/b"), float("nan"))], "set": {2, 1}, "ü": (1, None, True)})
    assert (
        capsys.readouterr().out == '{"rows": [{"file": "a/b", "count": null}], "set": [1, 2], "ü": [1, null, true]}\n'
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_whatever_is_printed_is_strict_json(value):
    json.loads(json.dumps(printing.as_json(value), allow_nan=False))


def test_table(capsys):
    rows = [{"a": "x", "b": 1234, "c": None}, {"a": "long", "b": 5, "c": ["p", "q"]}]
    printing.print_table(rows, {"a": "first", "b": "n", "c": "rest"})
    assert capsys.readouterr().out.splitlines() == [
        "first      n  rest",
        "x      1,234  –",
        "long       5  p, q",
    ]


def test_fields_leave_out_what_is_empty(capsys):
    printing.print_fields({"train_on": None, "a_b": 1000, "codes": {"x": "sw"}, "empty": {}, "no": False})
    assert capsys.readouterr().out.splitlines() == ["a b: 1,000", "codes:", "  x: sw", "no: no"]
