"""A matrix in 4 bits: exact where it was in 4 bits before, near where it was not, refused where it is damaged."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import tiny_checkpoints as checkpoints
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.torch import load_file, save_file

from xstilts.errors import CheckpointError
from xstilts.models import eight_bits, four_bits
from xstilts.models.reference import resolve


@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.sampled_from([32, 96])),
        elements=st.floats(-60_000.0, 60_000.0, width=32),
        fill=st.sampled_from([0.0, -0.0, 1.0, -(2.0**-15), 2.0**-30]),
    )
)
def test_what_was_packed_once_stays_as_it_is(values):
    first = four_bits.unpack(*four_bits.pack(torch.from_numpy(values)))
    again = four_bits.pack(first)
    assert torch.equal(four_bits.unpack(*again), first)
    groups = values.reshape(len(values), -1, four_bits.GROUP)
    largest = np.abs(groups).max(axis=-1, keepdims=True)
    wrong = np.abs(groups - first.numpy().reshape(groups.shape))
    assert (wrong <= largest / 8 * 1.001 + 4e-7).all()  # −8 to 7: a value of the other sign may lose a whole step


def test_a_copy_in_four_bits_is_stored_without_loss():
    """Blocks as llama.cpp writes them (Q4_0): any whole number from −8 to 7, the largest of them −8, an fp16 scale."""
    generator = torch.Generator().manual_seed(4)
    whole = torch.randint(-8, 8, (70, 4, 32), generator=generator)
    whole[:, :, 5] = -8
    scales = (torch.randn(70, 4, 1, generator=generator) / 50).half()
    matrix = (whole * scales.float()).reshape(70, 128)
    assert torch.equal(four_bits.unpack(*four_bits.pack(matrix)), matrix)
    assert torch.equal(four_bits.unpack(*four_bits.pack(matrix.half())), matrix)  # rounded to fp16 on the way, too


def test_bytes_hold_two_values_each():
    row = torch.arange(32, dtype=torch.float32).sub(16).reshape(1, 32) / 2
    packed, scales = four_bits.pack(row)
    assert (packed.dtype, tuple(packed.shape)) == (torch.uint8, (1, 16))
    assert (scales.dtype, tuple(scales.shape), float(scales)) == (torch.float16, (1, 1), 1.0)
    assert int(packed[0, 0]) == 0 | (8 << 4)  # −8 is 0, 0 is 8
    exact = Fraction(float(scales)) * (int(packed[0, 15] & 15) - 8)
    assert Fraction(float(four_bits.unpack(packed, scales)[0, 15])) == exact


def test_matrices_that_do_not_fit():
    assert four_bits.fits(torch.zeros(3, 64))
    for shape in ((64,), (3, 33), (2, 2, 32)):
        assert not four_bits.fits(torch.zeros(shape))
    assert not four_bits.fits(torch.full((1, 32), 1e6))
    with pytest.raises(CheckpointError, match=r"w \[3, 33\] is no matrix of whole groups of 32"):
        eight_bits.quantise({"w": torch.zeros(3, 33)}, {"w"})


def test_scales_are_asked_for():
    stored = eight_bits.quantise({"w": torch.randn(8, 64)}, {"w"})
    assert stored.keys() == {"w", "w" + four_bits.SCALE}
    with pytest.raises(CheckpointError, match="4-bit values of w without a scale for each 32"):
        eight_bits.dequantise({"w": stored["w"]})
    stored["w" + four_bits.SCALE][0, 0] = float("inf")
    with pytest.raises(CheckpointError, match="scales of the 4-bit values of w are damaged"):
        eight_bits.dequantise(stored)


def test_the_check_of_a_directory_knows_the_form(tmp_path):
    folder = checkpoints.directory(tmp_path / "m", "bert", language_model=False)
    tensors = load_file(folder / "model.safetensors")
    name = next(name for name in tensors if name.endswith("word_embeddings.weight"))
    shape = resolve(str(folder)).shape
    (folder / "model.safetensors").unlink()
    eight_bits.write(tensors, folder, {name})
    assert resolve(str(folder)).shape == shape
    stored = load_file(folder / eight_bits.FILE)
    stored[name + four_bits.SCALE] = stored[name + four_bits.SCALE][1:].clone()
    save_file(stored, folder / eight_bits.FILE)
    with pytest.raises(CheckpointError, match=r"int4_scale is F16 .* is expected"):
        resolve(str(folder))
    del stored[name + four_bits.SCALE]
    save_file(stored, folder / eight_bits.FILE)
    with pytest.raises(CheckpointError, match="holds 4-bit values of"):
        resolve(str(folder))
