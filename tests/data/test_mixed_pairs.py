"""Pairs in two languages: row by row, and refused where the sets are not parallel."""

from pathlib import Path

import pytest

from xstilts.data.mixed_pairs import mixed
from xstilts.errors import DataError
from xstilts.reading.examples import Classified, Tagged

FILE = Path("test-de.tsv")


def row(number, first, second, label="neutral"):
    return Classified(example_id=str(number), cluster_id=first, first=first, second=second, label=label)


def test_the_second_sentence_comes_from_the_other_language():
    english, german = [row(0, "a", "b"), row(1, "c", "d")], [row(0, "A", "B"), row(1, "C", "D")]
    found = mixed(english, german, file=FILE)
    assert [(one.first, one.second, one.cluster_id) for one in found] == [("a", "B", "a"), ("c", "D", "c")]


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ([row(0, "A", "B")], "1 rows, 2 in the other language"),
        ([row(0, "A", "B"), row(1, "C", "D", "entailment")], "row 2 is '1' with label 'entailment'"),
        ([row(0, "A", "B"), row(7, "C", "D")], "row 2 is '7'"),
        ([row(0, "A", "B"), Tagged(example_id="1", cluster_id="1", tokens=("C",))], "only pairs"),
    ],
)
def test_sets_that_are_not_parallel_are_refused(others, message):
    with pytest.raises(DataError, match=message):
        mixed([row(0, "a", "b"), row(1, "c", "d")], others, file=FILE)
