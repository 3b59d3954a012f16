"""Lists and dictionaries that a program wrote into a cell as text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.reading.written import Unwritten, looks_written, unwritten


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("['Anna', 'lebt']", ["Anna", "lebt"]),
        ("['Anna' 'lebt']", ["Anna", "lebt"]),
        ("['Anna'\n 'lebt']", ["Anna", "lebt"]),
        ('["l\'eau", "a"]', ["l'eau", "a"]),
        ("['l\\'eau']", ["l'eau"]),
        ('["\\u00e9", "a\\nb"]', ["é", "a\nb"]),
        ("('a', 'b')", ["a", "b"]),
        ("('a',)", ["a"]),
        ("[1 0 12]", [1, 0, 12]),
        ("[1. 0.]", [1, 0]),
        ("[1, -100, 0.5]", [1, -100, 0.5]),
        ("[]", []),
        ("array(['a', 'b'], dtype=object)", ["a", "b"]),
        ("array(['a', 'b'], dtype='<U4')", ["a", "b"]),
        ("[np.str_('a'), np.int64(3)]", ["a", 3]),
        ("{'text': ['Bern'], 'answer_start': [14]}", {"text": ["Bern"], "answer_start": [14]}),
        (
            "{'text': array(['Bern'], dtype=object), 'answer_start': array([14], dtype=int32)}",
            {"text": ["Bern"], "answer_start": [14]},
        ),
        ("{'text': array([], dtype=object), 'answer_start': array([], dtype=int32)}", {"text": [], "answer_start": []}),
        ("[{'text': 'Bern', 'answer_start': 14}]", [{"text": "Bern", "answer_start": 14}]),
        ("[None, nan, True, false, null]", [None, None, True, False, None]),
    ],
)
def test_what_programs_write(text: str, value: object) -> None:
    assert looks_written(text)
    assert unwritten(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "['a', 'b'",
        "['a' ... 'b']",
        "[a, b]",
        "__import__('os').system('true')",
        "open('x')",
        "[open('x')]]",
        "['\\ud83d']",
        "[" * 100 + "]" * 100,
        "['a'] ['b']",
        "{'a' 1}",
        "[1_000]",
        "",
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(Unwritten):
        unwritten(text)


@pytest.mark.parametrize("text", ["Anna lebt", "B-PER O", "-LRB- a", "[ NEG", "", "(a) b"])
def test_plain_cells_do_not_look_written(text: str) -> None:
    assert not looks_written(text)


TEXTS = st.lists(st.text(st.characters(blacklist_categories=["Cs"])))


@given(TEXTS)
def test_python_and_json_come_back(values: list[str]) -> None:
    assert unwritten(repr(values)) == values
    assert unwritten(json.dumps(values)) == values
    assert unwritten(json.dumps(values, ensure_ascii=False)) == values


@given(st.lists(st.integers(-1_000, 1_000)))
def test_numbers_with_and_without_commas(values: list[int]) -> None:
    assert unwritten(repr(values)) == unwritten(repr(values).replace(",", "")) == values


@given(st.text(alphabet="[](){}'\",:abn1.-\\ ", max_size=30))
def test_anything_else_is_refused_in_one_way(text: str) -> None:
    try:
        value = unwritten(text)
    except Unwritten:
        return
    assert isinstance(value, list | dict)
