"""Masks fall as often as they should, are a function of their seed, and gradients pass where values passed."""

from __future__ import annotations

import pytest
import torch

from xstilts.engine.dropout import FastDropout, Masks, fast_dropout, masked, scale, unmarked


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("probability", [0.1, 0.5])
def test_masks_fall_as_often_as_they_should(dtype, probability):
    masks = Masks()
    masks.seed(1, 2, 3)
    mask = masks.kept(torch.empty(1000, 1001, dtype=dtype), probability)
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
    masks = Masks()
    masks.seed(4)
    left = masks.mark(marked, 0.2)
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
    drawn, masks = [], Masks()
    for words in ((5, 1, 0), (5, 1, 0), (5, 2, 0), (5, 1, 1)):
        masks.seed(*words)
        drawn.append([masks.kept(like, 0.5).tolist() for _ in range(2)])
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    assert drawn[0] != drawn[3]
    assert drawn[0][0] != drawn[0][1]


def test_draws_do_not_repeat_each_other():
    """Also where more is drawn than there are generators."""
    masks = Masks()
    masks.seed(9)
    like = torch.empty(4 * 65_536)
    first, second, both = masks.kept(like, 0.5), masks.kept(like, 0.5), masks.kept(torch.empty(8 * 65_536), 0.5)
    parts = [-x.double() for x in (first, second, *both.split(4 * 65_536))]
    for number, one in enumerate(parts):
        for other in parts[number + 1 :]:
            assert abs(((one - 0.5) * (other - 0.5)).mean().item() * 4) < 4 / like.numel() ** 0.5
        for shift in (1, 2, 3, 4, 8, 64):
            assert abs(((one[shift:] - 0.5) * (one[:-shift] - 0.5)).mean().item() * 4) < 4 / like.numel() ** 0.5


def test_gradients_pass_where_values_passed():
    hidden = torch.ones(50, 50, requires_grad=True)
    dropped = FastDropout(0.25, Masks()).train()(hidden)
    (dropped * 3).sum().backward()
    assert hidden.grad is not None
    torch.testing.assert_close(hidden.grad, 3 * dropped.detach())
    assert dropped.unique().tolist() == pytest.approx([0.0, 4 / 3])


def test_nothing_is_dropped_in_evaluation():
    hidden = torch.randn(4, 4)
    assert torch.equal(FastDropout(0.5, Masks()).eval()(hidden), hidden)
    assert torch.equal(FastDropout(0.0, Masks()).train()(hidden), hidden)
    assert not FastDropout(1.0, Masks()).train()(hidden).any()


def test_modules_are_what_they_were_afterwards():
    shared = torch.nn.Dropout(0.25)
    model = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.AlphaDropout(0.5), shared, torch.nn.Sequential(shared))
    before = [*model.modules()]
    with fast_dropout(model.eval(), Masks()):
        found = [*model.modules()]
        assert [type(module) for module in model[:3]] == [FastDropout, torch.nn.AlphaDropout, FastDropout]
        assert model[3][0] is model[2], "one module stays one"
        assert [module.p for module in model[:3]] == [0.5, 0.5, 0.25]
        assert not any(module.training for module in found)
        model.train()
    assert [*map(id, model.modules())] == [*map(id, before)]
    assert all(module.training for module in before)


def test_masks_of_one_model_do_not_depend_on_those_of_another():
    one, other = Masks(), Masks()
    one.seed(3)
    expected = [one.kept(torch.empty(64), 0.5) for _ in range(2)]
    one.seed(3)
    first = one.kept(torch.empty(64), 0.5)
    other.seed(8)
    other.kept(torch.empty(64), 0.5)
    assert torch.equal(first, expected[0])
    assert torch.equal(one.kept(torch.empty(64), 0.5), expected[1])
