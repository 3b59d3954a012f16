"""The last layer computes the states that are read, the same ones, with the same gradients."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_runs as runs
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_packing import KIND, LENGTHS, arrays

from xstilts.engine.batches import to_tensors
from xstilts.engine.last_layer import LastLayer
from xstilts.engine.packing import MOST, TOKENS, filled, pack
from xstilts.models.loading import base_of, encoder_layers

CPU = torch.device("cpu")


def first_of_each(batch):
    read = np.zeros(batch["input_ids"].shape, dtype=bool)
    read[:, 0] = read[0, 3] = True
    return read


@pytest.mark.parametrize("shape", runs.SHAPES)
def test_the_states_that_are_read_and_their_gradients_are_the_same(shape):
    model = runs.model_for((KIND,), shape).eval()
    batch = arrays([70, 33, 64, 50], typed=shape == "bert")
    read = first_of_each(batch)
    some, all_ = to_tensors(batch, CPU, packed=True, read=read), to_tensors(batch, CPU, packed=True)
    assert some["packing"].read is not None
    seen = []
    layer = encoder_layers(base_of(model.encoder))[-1]
    part = layer.mlp if shape == "modernbert" else layer.output
    hook = part.register_forward_hook(lambda module, inputs, output: seen.append(output.shape[1]))
    states = [model.hidden(one, KIND) for one in (some, all_)]
    hook.remove()
    assert seen == [TOKENS, filled(70 + 33 + 64 + 50)]
    assert not states[0][~torch.from_numpy(read)].any()
    weight = torch.randn(int(read.sum()), states[0].shape[-1])
    chosen = [one[torch.from_numpy(read)] for one in states]
    torch.testing.assert_close(*chosen, rtol=1e-5, atol=1e-6)
    parameters = [*model.encoder.parameters()]
    found = [torch.autograd.grad((one * weight).sum(), parameters, allow_unused=True) for one in chosen]
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", runs.SHAPES)
def test_the_model_is_as_before_afterwards(shape):
    model = runs.model_for((KIND,), shape)
    modules, names = [*model.modules()], [name for name, _ in model.named_parameters()]
    attention = model.encoder.config._attn_implementation

    def fail():
        with model.engine.installed(model.encoder):
            assert isinstance(encoder_layers(base_of(model.encoder))[-1], LastLayer)
            assert [name for name, _ in model.named_parameters()] == names, "a state that was saved can be loaded"
            with model.engine.installed(model.encoder):
                pass
            assert isinstance(encoder_layers(base_of(model.encoder))[-1], LastLayer), "the outer block goes on"
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        fail()
    assert [*map(id, model.modules())] == [*map(id, modules)]
    assert model.encoder.config._attn_implementation == attention


def test_a_layer_that_is_not_known_gives_all_states():
    model = runs.model_for((KIND,), "bert").eval()
    batch = arrays([70, 33, 64, 50], typed=True)
    read = first_of_each(batch)
    encoder_layers(base_of(model.encoder))[-1].chunk_size_feed_forward = 64
    states = model.hidden(to_tensors(batch, CPU, packed=True, read=read), KIND)
    assert states[torch.from_numpy(batch["attention_mask"]).bool()].all()


@settings(deadline=None, max_examples=40)
@given(LENGTHS, st.floats(0, 1), st.integers(0, 9))
def test_what_is_read_is_filled_up_by_the_filler(lengths, share, seed):
    lengths = np.array(lengths)
    width = int(lengths.max()) + 2
    inside = np.arange(width) < lengths[:, None]
    read = inside & (np.random.default_rng(seed).random(inside.shape) < share)
    packing = pack(lengths, width, CPU, read=read)
    total = len(packing.place)
    if packing.read is None:
        assert filled(int(read.sum())) > MOST * total
        return
    assert len(packing.read) == filled(int(read.sum())) <= MOST * total
    assert packing.count == read.sum()
    assert sorted(packing.place[packing.read[: packing.count]].tolist()) == np.flatnonzero(read).tolist()
    assert (packing.read[packing.count :] == total - 1).all()
