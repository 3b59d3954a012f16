"""Packed rows give what padded rows give, in every architecture that packs, and never see one another."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_runs as runs
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.engine.batches import to_tensors
from xstilts.engine.dropout import Masks
from xstilts.engine.packing import ROWS, TOKENS, WIDTH, filled, pack

KIND = "tagging"
LENGTHS = st.lists(st.integers(1, 150), min_size=1, max_size=20)


def arrays(lengths, *, typed=False, seed=0):
    rng = np.random.default_rng(seed)
    inside = np.arange(max(lengths))[None, :] < np.array(lengths)[:, None]
    ids = np.where(inside, rng.integers(5, 40, inside.shape), runs.PAD)
    found = {"input_ids": ids, "attention_mask": inside.astype(np.int64)}
    return {**found, "token_type_ids": np.where(inside, rng.integers(0, 2, inside.shape), 0)} if typed else found


def both(model, batch):
    cpu = torch.device("cpu")
    return (model.hidden(to_tensors(batch, cpu, packed=packed), KIND) for packed in (True, False))


@pytest.mark.parametrize("shape", runs.SHAPES)
@pytest.mark.parametrize("lengths", [[7], [5, 5, 5, 5], [40, 3, 17, 16, 33, 1, 64]])
def test_packed_rows_give_what_padded_rows_give(shape, lengths):
    model = runs.model_for((KIND,), shape).eval()
    batch = arrays(lengths, typed=shape == "bert")
    packed, padded = both(model, batch)
    inside = torch.from_numpy(batch["attention_mask"]).bool()
    torch.testing.assert_close(packed[inside], padded[inside], rtol=1e-4, atol=1e-5)
    assert not packed[~inside].any()
    weight = torch.randn(packed.shape)
    gradients = [
        torch.autograd.grad((one * weight)[inside].sum(), [*model.encoder.parameters()], allow_unused=True)
        for one in (packed, padded)
    ]
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=2e-4)


def test_a_sliding_window_stays_one():
    """ModernBERT's local layers, with a window shorter than the rows."""
    from transformers import ModernBertConfig, ModernBertModel

    config = runs.configuration("modernbert")
    kinds = ["full_attention", "sliding_attention"]
    config = ModernBertConfig(**{**config.to_dict(), "layer_types": kinds, "local_attention": 8})
    torch.manual_seed(0)
    model = runs.model_for((KIND,))
    model.encoder = ModernBertModel(config).eval()
    batch = arrays([30, 12, 9])
    packed, padded = both(model, batch)
    inside = torch.from_numpy(batch["attention_mask"]).bool()
    torch.testing.assert_close(packed[inside], padded[inside], rtol=1e-4, atol=1e-5)
    config.layer_types = ["full_attention", "full_attention"]
    other = ModernBertModel(config).eval()
    other.load_state_dict(model.encoder.state_dict())
    model.encoder = other
    assert not torch.allclose(next(both(model, batch))[inside], packed[inside], atol=1e-3), (
        "otherwise this tests nothing"
    )


@pytest.mark.parametrize("shape", runs.SHAPES)
def test_rows_do_not_see_one_another(shape):
    model = runs.model_for((KIND,), shape).eval()
    batch = arrays([20, 18, 5])
    changed = {**batch, "input_ids": batch["input_ids"].copy()}
    changed["input_ids"][1, :18] = 11
    cpu = torch.device("cpu")
    one, other = (model.hidden(to_tensors(b, cpu, packed=True), KIND) for b in (batch, changed))
    for row, same in enumerate((True, False, True)):
        assert torch.equal(one[row], other[row]) == same


@settings(deadline=None, max_examples=60)
@given(LENGTHS)
def test_every_token_has_one_place(lengths):
    lengths = np.array(lengths)
    packing = pack(lengths, int(lengths.max()) + 3, torch.device("cpu"))
    total = filled(int(lengths.sum()))
    assert packing.tokens == lengths.sum() < total == len(packing.place) == len(packing.inverse)
    assert total % TOKENS == 0
    assert total - packing.tokens <= max(TOKENS, packing.tokens // 8 + 1)
    places = packing.place[: packing.tokens]
    assert len(set(places.tolist())) == packing.tokens
    assert packing.position[: packing.tokens].tolist() == [i for length in lengths for i in range(length)]
    assert packing.source[packing.inverse[: packing.tokens]].tolist() == [*range(packing.tokens)]
    free = np.delete(packing.source.numpy(), packing.inverse[: packing.tokens].numpy())
    assert (free == total - 1).all(), "nothing else but the filler"
    end = 0
    for block in packing.blocks:
        assert block.first == end
        end += block.rows * block.width
        assert block.width % WIDTH == 0
        assert block.rows % ROWS == 0 or block.width > 128
    assert end == len(packing.source)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_gradients_of_attention_are_those_of_finite_differences(dropout):
    from xstilts.engine.attention import attend

    packing = pack(np.array([3, 9, 2]), 9, torch.device("cpu"))
    shape = (1, 2, len(packing.place), 3)
    torch.manual_seed(0)
    inputs = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for _ in range(3)]

    def attended(*qkv):
        masks = Masks()
        masks.seed(3)
        options = {"packing": packing, "masks": masks, "dropout": dropout}
        return attend(torch.nn.Identity(), *qkv, None, **options)[0][:, : packing.tokens]

    # The filler's queries, keys and values have no gradient, and what it reads is not looked at.
    assert torch.autograd.gradcheck(attended, inputs, fast_mode=True)
