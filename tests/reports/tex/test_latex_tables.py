"""Grids as tables: every entry is there, rows have as many columns as the head, wide ones are continued."""

import re

import pytest

from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.tex.tables import table


def grid(columns, rows=3, text="+1.2", details=("[0.1, 2.3]",)):
    return Grid(
        title="A title",
        corner="arm",
        columns=tuple(f"column {number}" for number in range(columns)),
        rows=tuple(
            (f"row {row}", tuple(Entry(main=f"{text}{row}.{one}", details=details) for one in range(columns)))
            for row in range(rows)
        ),
    )


def lines(tex):
    return [line for line in tex.splitlines() if line.endswith((r"\\", r"\\*")) and not line.startswith(r"\caption")]


@pytest.mark.parametrize("columns", [0, 1, 4, 17, 60])
def test_rows_have_the_columns_of_their_head(columns):
    parts = table(grid(columns)).split("\n\n")
    for part in parts:
        ands = {line.count(" & ") for line in lines(part)}
        assert len(ands) == 1, part
        assert part.count(r"\caption") == part.count(r"\toprule") - 1 == 1
    assert sum(lines(part)[0].count(" & ") for part in parts) == columns
    assert len(parts) == 1 if columns < 5 else len(parts) > 1


def test_every_entry_is_there_once():
    whole = table(grid(30))
    numbers = re.findall(r"\+1\.2(\d\.\d+)", whole)
    assert sorted(numbers) == sorted(f"{row}.{one}" for row in range(3) for one in range(30))
    assert whole.count("(continued)") == len(whole.split("\n\n")) - 1


def test_details_are_below_their_number_on_the_same_page():
    body = table(grid(2, rows=1, details=("[0.1, 2.3]", "partial"))).splitlines()
    at = next(index for index, line in enumerate(body) if line.startswith("row 0"))
    assert body[at].endswith(r"\\*")
    assert body[at + 1].endswith(r"\\*")
    assert body[at + 2].count("partial") == 2
    assert not body[at + 2].endswith("*")


def test_sentences_are_set_in_several_lines():
    assert re.search(
        r"p\{0\.\d+\\linewidth\}", table(grid(2, text="a sentence that is longer than any number is, " * 3))
    )
    assert "p{" not in table(grid(3))


def test_an_empty_grid_is_a_table_without_rows():
    assert r"\end{longtable}" in table(Grid(title="t", corner="c", columns=("a",), rows=()))
