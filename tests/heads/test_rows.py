"""Rows and examples come back from their files as they went in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import tiny_encoder as tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xstilts.errors import XstiltsError
from xstilts.heads import rows as files
from xstilts.heads.columns import per_row, per_token
from xstilts.reading import examples as types

INT32 = st.integers(-(2**31), 2**31 - 1)
INT64 = st.integers(-(2**63), 2**63 - 1)
ROW = st.fixed_dictionaries({"input_ids": st.lists(INT32, max_size=9), "word": st.lists(INT32, max_size=9)}).flatmap(
    lambda ragged: st.builds(lambda e, n: {**ragged, "example": e, "label": n}, INT64, INT64)
)
TMP = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@TMP
@given(st.lists(ROW, min_size=1, max_size=20))
def test_rows_come_back(tmp_path, rows):
    columns = {"word": per_token(-1), "label": per_row()}
    assert files.write(iter(rows), tmp_path / "rows.arrow", columns=columns) == len(rows)
    found = files.read(tmp_path / "rows.arrow")
    assert len(found) == len(rows)
    assert found.tokens == sum(len(row["input_ids"]) for row in rows)
    assert found.lengths.tolist() == [len(row["input_ids"]) for row in rows]
    for index, row in enumerate(rows):
        again = found.row(index)
        assert {n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in again.items()} == row
    packed = tiny.pack(rows)
    assert found.ragged.keys() == packed.ragged.keys()
    assert found.scalars.keys() == packed.scalars.keys()


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "int64", "float16", "float32", "float64"])
def test_a_column_has_the_type_that_the_head_declares(tmp_path, dtype):
    columns = {"pixels": per_token(0, dtype=dtype), "size": per_row(dtype=dtype)}
    rows = [{"input_ids": [7] * n, "pixels": list(range(n)), "size": n, "example": n} for n in (3, 1, 2)]
    files.write(rows, tmp_path / "rows.arrow", columns=columns)
    found = files.read(tmp_path / "rows.arrow")
    assert found.ragged["pixels"][0].dtype == found.scalars["size"].dtype == np.dtype(dtype)
    assert (found.ragged["input_ids"][0].dtype, found.scalars["example"].dtype) == (np.int32, np.int64)
    assert [found.row(i)["pixels"].tolist() for i in range(3)] == [row["pixels"] for row in rows]
    assert [found.row(i)["size"] for i in range(3)] == [3, 1, 2]


def test_a_column_that_no_head_declares_is_refused(tmp_path):
    with pytest.raises(XstiltsError, match="does not declare: word"):
        files.write([{"input_ids": [1], "word": [0], "example": 0}], tmp_path / "rows.arrow", columns={})


def test_rows_of_several_chunks_are_one(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "CHUNK", 3)
    rows = [{"input_ids": list(range(i % 4 + 1)), "example": i // 2} for i in range(20)]
    assert files.write(rows, tmp_path / "rows.arrow", columns={}) == 20
    found = files.read(tmp_path / "rows.arrow")
    assert [found.row(i)["input_ids"].tolist() for i in range(20)] == [row["input_ids"] for row in rows]
    assert found.of_examples().tolist() == [*range(0, 20, 2), 20]


def test_nothing_is_copied_and_nothing_left_beside(tmp_path):
    files.write([{"input_ids": [1, 2, 3], "example": i} for i in range(9000)], tmp_path / "rows.arrow", columns={})
    assert [file.name for file in tmp_path.iterdir()] == ["rows.arrow"]
    found = files.read(tmp_path / "rows.arrow")
    allocated = pa.total_allocated_bytes()
    arrays = [*found.ragged["input_ids"], found.scalars["example"]]
    assert not any(array.flags.owndata or array.flags.writeable for array in arrays)
    assert pa.total_allocated_bytes() == allocated == 0


def test_files_of_several_batches_are_read(tmp_path):
    batches = [
        pa.record_batch([pa.array(ids, pa.large_list(pa.int32())), pa.array(example)], names=["input_ids", "example"])
        for ids, example in (([[1], [2, 3]], [0, 0]), ([[4, 5, 6]], [1]))
    ]
    with pa.OSFile(str(tmp_path / "rows.arrow"), "wb") as sink, pa.ipc.new_file(sink, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    found = files.read(tmp_path / "rows.arrow")
    assert [found.row(i)["input_ids"].tolist() for i in range(3)] == [[1], [2, 3], [4, 5, 6]]
    assert found.scalars["example"].tolist() == [0, 0, 1]


@pytest.mark.parametrize("at", [0, 2, 5])
def test_an_error_in_the_making_comes_through(tmp_path, monkeypatch, at):
    monkeypatch.setattr(files, "CHUNK", 2)

    def rows():
        for i in range(8):
            if i == at:
                raise XstiltsError("label unknown")
            yield {"input_ids": [i], "example": i}

    with pytest.raises(XstiltsError, match="label unknown"):
        files.write(rows(), tmp_path / "rows.arrow", columns={})
    assert not list(tmp_path.iterdir())


def test_examples_without_rows_are_stepped_over():
    rows = tiny.pack([{"input_ids": [1], "example": e} for e in (0, 0, 3, 7, 7, 7)])
    assert rows.of_examples().tolist() == [0, 2, 3, 6]


def test_no_rows_are_an_error(tmp_path):
    with pytest.raises(XstiltsError, match="no rows"):
        files.write([], tmp_path / "rows.arrow", columns={})


TEXT = st.text(max_size=12)
TEXTS = st.lists(TEXT, min_size=1, max_size=4).map(tuple)
IDS = {"example_id": TEXT, "cluster_id": TEXT}
ANSWER = st.builds(types.Answer, text=TEXT, start=st.integers(-1, 50))
EXAMPLES = st.one_of(
    st.builds(types.Classified, **IDS, first=TEXT, second=st.none() | TEXT, label=st.none() | TEXT),
    st.builds(types.Tagged, **IDS, tokens=TEXTS, tags=st.none() | TEXTS),
    st.builds(
        types.Question,
        **IDS,
        question=TEXT,
        context=TEXT,
        answers=st.none() | st.lists(ANSWER, max_size=3).map(tuple),
    ),
    st.builds(types.Choice, **IDS, prompt=TEXT, choices=TEXTS, label=st.none() | st.integers(0, 3)),
    st.builds(types.Bitext, **IDS, source=TEXT, target=TEXT),
    st.builds(types.ComparableSentence, **IDS, text=TEXT, language=TEXT, translations=st.none() | TEXTS),
    st.builds(
        types.AnswerSentence,
        **IDS,
        question=TEXT,
        language=TEXT,
        candidates=TEXTS,
        candidate_ids=TEXTS,
        correct=st.integers(0, 3),
    ),
    st.builds(
        types.Text,
        **IDS,
        text=TEXT,
        language=TEXT,
        translation=st.none() | TEXT,
        translation_language=st.none() | TEXT,
    ),
)


@TMP
@given(st.lists(EXAMPLES, max_size=9))
def test_examples_come_back(tmp_path, examples):
    files.examples_to_json(examples, tmp_path / "examples.jsonl")
    assert list(files.examples_from_json(tmp_path / "examples.jsonl")) == examples


def test_every_example_type_is_tried():
    known = {t for t in vars(types).values() if isinstance(t, type) and issubclass(t, types.Example)}
    kinds = ("single_classification", "tagging", "extractive_qa", "multiple_choice", "masked_lm")
    retrieval = ("sentence_retrieval", "answer_retrieval", "dual_encoder", "bitext_mining")
    made = {type(e) for k in (*kinds, *retrieval) for e in tiny.examples_of(k)[0]}
    assert made == known - {types.Example}


def test_lines_that_only_unicode_breaks_stay_whole(tmp_path):
    odd = types.Bitext(example_id="1", cluster_id="1", source="one\u2028two\x85three\r\nfour", target="\x0b\x1c")
    files.examples_to_json([odd], tmp_path / "examples.jsonl")
    assert list(files.examples_from_json(tmp_path / "examples.jsonl")) == [odd]
