"""Masks fall as often as they should, are a function of their seed, and gradients pass where values passed."""

from __future__ import annotations

import pytest
import torch

from xstilts.engine.dropout import MASKS, FastDropout, fast_dropout, masked, scale, unmarked


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("probability", [0.1, 0.5])
def test_masks_fall_as_often_as_they_should(dtype, probability):
    MASKS.seed(1, 2, 3)
    mask = MASKS.kept(torch.empty(1000, 1001, dtype=dtype), probability)
    assert mask.shape == (1000, 1001)
    assert set(mask.unique().tolist()) == {0, -1}, "all bits or none"
    kept = -mask.double()
    assert abs(kept.mean().item() - (1 - probability)) < 4 * _deviation(probability, 1e6) + 1 / 32_768
    assert scale(probability) * (1 - probability) == pytest.approx(1, rel=1e-4)
    assert kept.mean(dim=0).std().item() < 1.2 * _deviation(probability, 1000), "columns are independent"


def _deviation(probability: float, draws: float) -> float:
    return float((probability * (1 - probability) / draws) ** 0.5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_marks_are_signs_and_clear_other_numbers(dtype):
    numbers = torch.rand(500, 301, dtype=dtype)
    marked = numbers.clone()
    MASKS.seed(4)
    left = MASKS.mark(marked, 0.2)
    assert torch.equal(marked.abs(), numbers)
    taken = marked.signbit()
    assert abs(taken.double().mean().item() - 0.2) < 4 * _deviation(0.2, numbers.numel()) + 1 / 32_768
    assert torch.equal(left, numbers.masked_fill(taken, 0.0))
    others = torch.randn(500, 301, dtype=dtype)
    expected = others.masked_fill(taken, 0.0)
    assert torch.equal(masked(others, unmarked(marked)), expected)
    masked(others, unmarked(marked), out=others)
    assert torch.equal(others, expected)


def test_masks_are_a_function_of_their_seed():
    like = torch.empty(64)
    drawn = []
    for words in ((5, 1, 0), (5, 1, 0), (5, 2, 0), (5, 1, 1)):
        MASKS.seed(*words)
        drawn.append([MASKS.kept(like, 0.5).tolist() for _ in range(2)])
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    assert drawn[0] != drawn[3]
    assert drawn[0][0] != drawn[0][1]


def test_draws_do_not_repeat_each_other():
    """Also where more is drawn than there are generators."""
    MASKS.seed(9)
    like = torch.empty(4 * 65_536)
    first, second, both = MASKS.kept(like, 0.5), MASKS.kept(like, 0.5), MASKS.kept(torch.empty(8 * 65_536), 0.5)
    parts = [-x.double() for x in (first, second, *both.split(4 * 65_536))]
    for number, one in enumerate(parts):
        for other in parts[number + 1 :]:
            assert abs(((one - 0.5) * (other - 0.5)).mean().item() * 4) < 4 / like.numel() ** 0.5
        for shift in (1, 2, 3, 4, 8, 64):
            assert abs(((one[shift:] - 0.5) * (one[:-shift] - 0.5)).mean().item() * 4) < 4 / like.numel() ** 0.5


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
