"""The lines of a file, one after the other: the same as those of the whole file."""

import gzip

import pytest

from xstilts.errors import DataError
from xstilts.reading.streamed import stream_lines
from xstilts.reading.text import read_lines

TEXT = "eins\nzwei \r\n\nd\u2028rei\nüber\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_they_are_those_of_the_whole_file(tmp_path, encoding):
    file = tmp_path / "text.txt"
    file.write_bytes(TEXT.encode(encoding))
    assert list(stream_lines(file)) == read_lines(file) == ["eins", "zwei ", "", "d\u2028rei", "über"]


@pytest.mark.parametrize("name", ["text.txt.gz", "text.txt"])
def test_gzip_is_unpacked(tmp_path, name):
    file = tmp_path / name
    file.write_bytes(gzip.compress(TEXT.encode()))
    assert list(stream_lines(file))[-1] == "über"


def test_lines_that_end_in_a_carriage_return_alone(tmp_path):
    file = tmp_path / "text.txt"
    file.write_bytes(b"one\rtwo\r")
    assert list(stream_lines(file)) == ["one", "two"]


@pytest.mark.parametrize(
    "data",
    [b"one\ntw\xe9\n", b"PK\x03\x04\n", gzip.compress(TEXT.encode())[:-9], b"a\n" * 3000 + b"\xff\n"],
    ids=["latin", "zip", "cut gzip", "late"],  # what is packed says when: no name of a test
)
def test_what_is_no_text_is_refused_as_by_the_reader_of_whole_files(tmp_path, data):
    file = tmp_path / "text.txt"
    file.write_bytes(data)
    with pytest.raises(DataError) as whole:
        read_lines(file)
    with pytest.raises(DataError) as streamed:
        list(stream_lines(file))
    assert str(streamed.value) == str(whole.value)
