"""Tensors that carry their SHA-256."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file, save_file

from damaging import flip_unseen
from xstilts.pipeline.sealed import Damaged
from xstilts.training import tensor_files

KINDS = (torch.float32, torch.bfloat16, torch.float16, torch.int64, torch.int8, torch.bool)
TENSORS = {str(kind): (torch.arange(6).reshape(2, 3) % 2).to(kind) for kind in KINDS}
TENSORS |= {"none": torch.zeros(0, 4), "one": torch.tensor(3.0), "across": torch.arange(12.0).reshape(3, 4).T}


def test_what_was_saved_is_loaded(tmp_path):
    file = tmp_path / "t.safetensors"
    digest = tensor_files.save({name: tensor.contiguous() for name, tensor in TENSORS.items()}, file)
    for found in (tensor_files.load(file), tensor_files.load(file, expected=digest), load_file(file)):
        assert found.keys() == TENSORS.keys()
        assert all(
            torch.equal(found[name], tensor) and found[name].dtype == tensor.dtype for name, tensor in TENSORS.items()
        )


def test_names_shapes_and_types_are_hashed_too(tmp_path):
    zeros = torch.zeros(4, dtype=torch.int32)
    others = [{"a": zeros}, {"b": zeros}, {"a": zeros.reshape(2, 2)}, {"a": zeros.view(torch.float32)}, {}]
    digests = {tensor_files.save(tensors, tmp_path / "t") for tensors in others}
    assert len(digests) == len(others)


def test_every_byte_counts(tmp_path):
    """Whatever byte is changed: the tensors are those that were saved, or it is said that they are not."""
    file = tmp_path / "t.safetensors"
    tensors = {"first": torch.arange(3.0), "second": torch.arange(4, dtype=torch.int8)}
    tensor_files.save(tensors, file)
    size, noticed = file.stat().st_size, 0
    for place in range(size):
        flip_unseen(file, at=place / size, bit=place % 8)
        try:
            found = tensor_files.load(file)
            assert all(torch.equal(found[name], tensor) for name, tensor in tensors.items())
        except Damaged:
            noticed += 1
        flip_unseen(file, at=place / size, bit=place % 8)
    assert noticed > size * 0.8
    assert tensor_files.load(file).keys() == tensors.keys()


def test_a_file_that_carries_none_is_not_trusted(tmp_path):
    save_file({"a": torch.zeros(3)}, tmp_path / "t")
    with pytest.raises(Damaged, match="its SHA-256 is not the one"):
        tensor_files.load(tmp_path / "t")
    with pytest.raises(Damaged, match="u is missing"):
        tensor_files.load(tmp_path / "u")
