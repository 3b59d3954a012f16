"""Lessons on disk: what is read is what was written, rounded to fp16, or nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from xstilts.training.distillation.disk import size_of
from xstilts.training.distillation.kept import Kept

STARTS = np.array([0, 2, 5, 6])


def put(kept: Kept, rows: list[int]) -> tuple[torch.Tensor, list[torch.Tensor]]:
    spans = sum(int(STARTS[row + 1] - STARTS[row]) for row in rows)
    vectors = torch.randn(len(rows), 4)
    parts = [torch.randn(spans, 4) for _ in range(2)]
    kept.put(np.array(rows), [vectors], parts)
    return vectors, parts


def test_rows_are_found_once_all_of_them_are_there(tmp_path):
    kept = Kept(tmp_path / "lessons", STARTS, width=4, parts=2)
    assert kept.find(np.array([2, 0])) is None
    vectors, parts = put(kept, [2, 0])
    assert kept.find(np.array([2, 0, 1])) is None
    found = Kept(tmp_path / "lessons", STARTS, width=4, parts=2).find(np.array([2, 0]))
    assert found is not None
    for array, tensor in zip(found, [vectors, *parts], strict=True):
        assert np.array_equal(array, tensor.half().numpy())
    swapped = kept.find(np.array([0, 2]))
    assert np.array_equal(swapped[1], np.concatenate([found[1][1:], found[1][:1]]))
    size = sum(file.stat().st_size for file in tmp_path.iterdir() if file.suffix != ".sums")
    assert size == size_of(6, 3, width=4, parts=2)


@pytest.mark.parametrize("file", ["lessons", "lessons.vectors", "lessons.sums"])
def test_what_is_damaged_is_not_found(tmp_path, file):
    kept = Kept(tmp_path / "lessons", STARTS, width=4, parts=2)
    put(kept, [0, 1, 2])
    data = bytearray((tmp_path / file).read_bytes())
    data[-1] ^= 0x40
    (tmp_path / file).write_bytes(data)
    again = Kept(tmp_path / "lessons", STARTS, width=4, parts=2)
    assert again.find(np.array([2])) is None
    assert again.find(np.array([0])) is not None


def test_another_size_begins_anew(tmp_path):
    put(Kept(tmp_path / "lessons", STARTS, width=4, parts=2), [0])
    assert Kept(tmp_path / "lessons", STARTS, width=4, parts=1).find(np.array([0])) is None


def test_what_fp16_cannot_hold_becomes_its_largest(tmp_path):
    kept = Kept(tmp_path / "lessons", STARTS, width=1, parts=1)
    kept.put(np.array([2]), [torch.tensor([[1e9]])], [torch.tensor([[-1e9]])])
    assert [float(x[0, 0]) for x in kept.find(np.array([2]))] == [65504.0, -65504.0]
