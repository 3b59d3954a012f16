"""What is noticed while files are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from xstilts.data.attentive_reading import read_attentively
from xstilts.data.repeated_rows import sketch
from xstilts.errors import DataError
from xstilts.reading.examples import Text
from xstilts.reading.notes import collected, note

FILE = Path("reviews.csv")


def rows(*texts):
    """Rows of a file that is said to be Welsh."""
    return [
        Text(example_id=str(index), cluster_id=str(index), text=text, language="cym-Latn")
        for index, text in enumerate(texts)
    ]


WELSH = rows(*(f"Mae hi'n braf heddiw yn y dref, rhif {index}." for index in range(40)))
GREEK = rows(*(f"Ο καιρός είναι ωραίος σήμερα στην πόλη {index}." for index in range(40)))


def test_what_readers_say_comes_with_the_rows_and_goes_no_further():
    def read():
        note("one row was left out", file=FILE, line=3)
        yield from WELSH

    with collected() as outside:
        found = read_attentively(read, "cym-Latn", file=FILE)
    assert (found.examples, found.notes) == (WELSH, ("reviews.csv:3: one row was left out",))
    assert found.rows == sketch(WELSH, "cym-Latn") != ()
    assert outside == []


def test_doubts_about_the_language_follow():
    found = read_attentively(lambda: WELSH[:10] + GREEK[:30], "cym-Latn", file=FILE)
    assert len(found.notes) == 1
    assert found.notes[0].startswith("reviews.csv: ")
    with pytest.raises(DataError, match=r"reviews\.csv"):
        read_attentively(lambda: GREEK, "cym-Latn", file=FILE)
