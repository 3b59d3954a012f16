"""Masks fall as often as they should, are a function of their seed, and gradients pass where values passed."""

from __future__ import annotations

import pytest
import torch

from xstilts.training.dropout import MASKS, FastDropout, fast_dropout


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("probability", [0.1, 0.5])
def test_masks_fall_as_often_as_they_should(dtype, probability):
    MASKS.seed(1, 2, 3)
    mask, scale = MASKS.draw(torch.empty(1000, 1001, dtype=dtype), probability)
    assert (mask.shape, mask.dtype) == ((1000, 1001), dtype)
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    kept = mask.float().mean().item()
    assert abs(kept - (1 - probability)) < 4 * (probability * (1 - probability) / 1e6) ** 0.5 + 1 / 65_536
    assert scale * (1 - probability) == pytest.approx(1, rel=1e-4)
    of_rows = mask.float().mean(dim=0)
    assert of_rows.std().item() < 1.2 * (probability * (1 - probability) / 1000) ** 0.5, "columns are independent"


def test_masks_are_a_function_of_their_seed():
    like = torch.empty(64)
    drawn = []
    for words in ((5, 1, 0), (5, 1, 0), (5, 2, 0), (5, 1, 1)):
        MASKS.seed(*words)
        drawn.append([MASKS.draw(like, 0.5)[0].tolist() for _ in range(2)])
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    assert drawn[0] != drawn[3]
    assert drawn[0][0] != drawn[0][1]


def test_gradients_pass_where_values_passed():
    hidden = torch.ones(50, 50, requires_grad=True)
    dropped = FastDropout(0.25).train()(hidden)
    (dropped * 3).sum().backward()
    assert hidden.grad is not None
    torch.testing.assert_close(hidden.grad, 3 * dropped.detach())
    assert dropped.unique().tolist() == pytest.approx([0.0, 4 / 3])


def test_nothing_is_dropped_in_evaluation():
    hidden = torch.randn(4, 4)
    assert torch.equal(FastDropout(0.5).eval()(hidden), hidden)
    assert torch.equal(FastDropout(0.0).train()(hidden), hidden)
    assert not FastDropout(1.0).train()(hidden).any()


def test_modules_are_what_they_were_afterwards():
    model = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.AlphaDropout(0.5))
    with fast_dropout(model):
        assert [type(module) for module in model] == [FastDropout, torch.nn.AlphaDropout]
    assert [type(module) for module in model] == [torch.nn.Dropout, torch.nn.AlphaDropout]
