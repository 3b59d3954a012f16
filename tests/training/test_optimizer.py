"""No decay on biases and norms, the schedule, clipping, and heads without gradients."""

from __future__ import annotations

from dataclasses import replace

import pytest
import tiny_runs as runs
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.training import optimizer as adam

RECIPE = replace(runs.RECIPE, weight_decay=0.1)
ONE = torch.ones((), dtype=torch.float64)


@pytest.mark.parametrize("shape", runs.SHAPES)
def test_biases_and_norms_do_not_decay(shape):
    model = runs.model_for(("tagging", "masked_lm"), shape)
    built = adam.build(model, RECIPE)
    names = {id(p): name for name, p in model.named_parameters()}
    found = {group["weight_decay"]: [names[id(p)] for p in group["params"]] for group in built.param_groups}
    assert sorted(found[0.1] + found[0.0]) == sorted(names.values()), "each once, tied ones too"
    is_plain = [name.endswith("bias") or "norm" in name.lower() for name in found[0.0]]
    assert is_plain
    assert all(is_plain)
    assert not any(name.endswith("bias") or "norm" in name.lower() for name in found[0.1])


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 500), st.floats(0, 1))
def test_the_schedule_rises_then_falls(steps, warmup):
    factors = [adam.factor(step, steps, warmup) for step in range(steps)]
    assert all(0 < factor <= 1 for factor in factors)
    peak = factors.index(max(factors))
    assert abs(peak - min(steps - 1, warmup * steps)) <= 1
    assert factors[:peak] == sorted(factors[:peak])
    assert factors[peak:] == sorted(factors[peak:], reverse=True)


def test_the_schedule_by_hand():
    assert [adam.factor(step, 10, 0.2) for step in range(4)] == pytest.approx([1 / 3, 2 / 3, 1, 7 / 8])
    assert [adam.factor(step, 4, 0.0) for step in range(4)] == pytest.approx([1, 0.75, 0.5, 0.25])
    assert adam.factor(9, 10, 0.2) == pytest.approx(1 / 8)


def small():
    torch.manual_seed(0)
    return torch.nn.ModuleList([torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)])


def test_gradients_are_divided_then_clipped():
    model = small()
    for clip, units in ((1.0, 4.0), (0.0, 4.0), (1e6, 4.0)):
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, 8.0)
        total = (16 * 8.0**2) ** 0.5 / units
        given_back = adam.apply(
            model, adam.build(model, RECIPE), units=torch.tensor(units).double(), clip=clip, learning_rate=0.0
        )
        assert given_back.item() == pytest.approx(total)
        expected = 8.0 / units * (min(1.0, clip / total) if clip else 1.0)
        assert model[0].weight.grad[0, 0].item() == pytest.approx(expected, rel=1e-5)


def test_a_gradient_that_is_not_finite_changes_nothing():
    model = small()
    before = runs.weights(model)
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, float("nan"))
    norm = adam.apply(model, adam.build(model, RECIPE), units=ONE, clip=1.0, learning_rate=0.1)
    assert not norm.isfinite()
    runs.assert_same(before, runs.weights(model))


def test_a_head_without_gradient_does_not_decay():
    model = small()
    optimizer = adam.build(model, replace(RECIPE, weight_decay=0.9))
    model[0].weight.grad = torch.ones_like(model[0].weight)
    before = model[1].weight.detach().clone()
    adam.apply(model, optimizer, units=ONE, clip=1, learning_rate=0.5)
    assert torch.equal(before, model[1].weight), "no gradient, no decay"


def test_what_is_row_wise():
    model = small()
    assert isinstance(adam.build(model, RECIPE), adam.OPTIMIZER)
    assert adam.row_wise(adam.OPTIMIZER)
    assert not adam.row_wise(torch.optim.Adafactor)


def test_decay_alone_shrinks_a_weight_as_the_optimizer_does():
    weight = torch.nn.Parameter(torch.ones(2, 3))
    holder = torch.nn.ParameterList([weight])
    optimizer = adam.build(holder, RECIPE)
    for step in range(20):
        weight.grad = torch.zeros_like(weight)
        rate = RECIPE.learning_rate * adam.factor(step, 20, RECIPE.warmup)
        adam.apply(holder, optimizer, units=ONE, clip=1.0, learning_rate=rate)
        assert weight[0, 0].item() == pytest.approx(adam.shrunk(step + 1, 20, RECIPE), rel=1e-6)
    assert weight[0, 0].item() < 1.0
