"""Micro-batches hold every group once, whole, within the budget; collating loses nothing."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_encoder as tiny
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.engine.batches import MULTIPLE, SLACK, collate, micro_batches, padded, to_tensors
from xstilts.heads import rows as files
from xstilts.heads.columns import per_row, per_token

SIZES = st.lists(st.lists(st.integers(1, 70), min_size=1, max_size=4), max_size=30)


@settings(deadline=None, max_examples=50)
@given(SIZES, st.integers(1, 400), st.booleans())
def test_groups_are_packed_whole_and_within_the_budget(sizes, budget, real):
    lengths = np.array([length for group in sizes for length in group], dtype=np.int64)
    ends = np.cumsum([0, *map(len, sizes)])
    groups = [np.arange(ends[i], ends[i + 1]) for i in range(len(sizes))]
    found = list(micro_batches(groups, lengths, tokens=budget, real=real))
    assert sorted(np.concatenate(found).tolist() if found else []) == list(range(len(lengths)))
    owner = np.repeat(np.arange(len(sizes)), list(map(len, sizes)))
    for batch in found:
        members = list(dict.fromkeys(owner[batch].tolist()))
        assert batch.tolist() == [row for group in members for row in groups[group]], "groups whole, rows in order"
        area = padded(lengths[batch]).max() * len(batch)
        fits = lengths[batch].sum() <= budget and area <= SLACK * budget if real else area <= budget
        assert fits or len(members) == 1
    longest = [lengths[batch].max() for batch in found]
    assert longest == sorted(longest, reverse=True)


ROW = st.integers(1, 20).flatmap(
    lambda n: st.fixed_dictionaries(
        {
            "input_ids": st.lists(st.integers(0, 30), min_size=n, max_size=n),
            "labels": st.lists(st.integers(-1, 5), min_size=n, max_size=n),
            "word": st.lists(st.integers(-1, 5), min_size=n, max_size=n),
            "label": st.integers(-5, 5),
            "example": st.integers(0, 99),
        }
    )
)


@settings(deadline=None, max_examples=50)
@given(st.lists(ROW, min_size=1, max_size=12), st.data())
def test_collating_pads_and_loses_nothing(rows, data):
    chosen = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=6)))
    columns = {"labels": per_token(-100), "absent": per_token(0), "label": per_row()}
    batch = collate(tiny.pack(rows), chosen, pad_id=77, columns=columns)
    assert set(batch) == {"input_ids", "attention_mask", "labels", "label", "example"}, "`word` was not asked for"
    width = batch["input_ids"].shape[1]
    assert width % MULTIPLE == 0
    assert width - MULTIPLE < max(len(rows[i]["input_ids"]) for i in chosen) <= width
    for place, index in enumerate(chosen.tolist()):
        row, length = rows[index], len(rows[index]["input_ids"])
        assert batch["attention_mask"][place].tolist() == [1] * length + [0] * (width - length)
        assert batch["input_ids"][place].tolist() == row["input_ids"] + [77] * (width - length)
        assert batch["labels"][place].tolist() == row["labels"] + [-100] * (width - length)
        assert (batch["label"][place], batch["example"][place]) == (row["label"], row["example"])
    assert all(values.dtype == np.int64 for values in batch.values())


def test_columns_that_are_no_integers_keep_their_type(tmp_path):
    columns = {"weight": per_token(-1.0, dtype="float32"), "score": per_row(dtype="float64")}
    rows = [{"input_ids": [1] * n, "weight": [0.5] * n, "score": 0.25 * n, "example": n} for n in (1, 2)]
    files.write(rows, tmp_path / "rows.arrow", columns=columns)
    batch = to_tensors(
        collate(files.read(tmp_path / "rows.arrow"), np.arange(2), pad_id=0, columns=columns), torch.device("cpu")
    )
    assert (batch["weight"].dtype, batch["score"].dtype) == (torch.float32, torch.float64)
    assert batch["weight"][:, :2].tolist() == [[0.5, -1.0], [0.5, 0.5]]
    assert batch["score"].tolist() == [0.25, 0.5]


def test_tensors_lie_where_they_are_asked_for():
    made = to_tensors({"label": np.array([1, 2])}, torch.device("cpu"))
    assert made["label"].tolist() == [1, 2]
    assert made["label"].dtype == torch.int64


@pytest.mark.parametrize(("length", "width"), [(1, 8), (8, 8), (9, 16)])
def test_widths(length, width):
    assert padded(np.array([length])).tolist() == [width]
