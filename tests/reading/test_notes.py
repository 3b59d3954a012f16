"""What readers say is collected once, in order, and dropped where nobody collects."""

from pathlib import Path

from xstilts.reading import notes

FILE = Path("folder/train.tsv")


def test_what_readers_say_is_collected_once_and_in_order():
    with notes.collected() as found:
        notes.note("3 rows without text are left out", file=FILE, line=7)
        notes.note("tabs separate the cells", file=FILE)
        notes.note("3 rows without text are left out", file=FILE, line=7)
    assert found == ["train.tsv:7: 3 rows without text are left out", "train.tsv: tabs separate the cells"]


def test_what_is_said_outside_or_within_another_collection_does_not_mix():
    notes.note("dropped", file=FILE)
    with notes.collected() as outer:
        with notes.collected() as inner:
            notes.note("inside", file=FILE)
        notes.note("outside", file=FILE)
    assert (inner, outer) == (["train.tsv: inside"], ["train.tsv: outside"])
    notes.note("dropped", file=FILE)
    assert outer == ["train.tsv: outside"]


def test_a_reader_that_yields_is_heard_while_it_is_consumed():
    def reader():
        yield 1
        notes.note("said between two rows", file=FILE)
        yield 2

    rows = reader()
    with notes.collected() as found:
        assert list(rows) == [1, 2]
    assert found == ["train.tsv: said between two rows"]
