"""The chunked cross-entropy against torch's own: the value and every gradient."""

from __future__ import annotations

import pytest
import tiny_runs as runs
import torch
from torch.nn import functional

from xstilts.engine.engine import Engine
from xstilts.engine.vocabulary_loss import CHUNK, summed_cross_entropy
from xstilts.training.model import LanguageModelHead


def tensors(positions, *, width=24, vocabulary=301, scale=1.0):
    torch.manual_seed(positions)
    hidden = torch.randn(positions, width, requires_grad=True)
    weight = (torch.randn(vocabulary, width) * scale).requires_grad_()
    bias = torch.randn(vocabulary, requires_grad=True)
    return hidden, weight, bias, torch.randint(vocabulary, (positions,))


@pytest.mark.parametrize("positions", [1, 7, CHUNK, CHUNK + 1, 3 * CHUNK - 5])
@pytest.mark.parametrize("with_bias", [True, False])
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_in_fp32(positions, with_bias, scale):
    hidden, weight, bias, target = tensors(positions, scale=scale)
    inputs = (hidden, weight, bias) if with_bias else (hidden, weight)
    plain = functional.cross_entropy(functional.linear(*inputs), target, reduction="sum")
    expected = torch.autograd.grad(plain * 0.5, inputs)
    found = summed_cross_entropy(hidden, weight, bias if with_bias else None, target)
    assert found.item() == pytest.approx(plain.item(), rel=1e-5)
    for one, other in zip(torch.autograd.grad(found * 0.5, inputs), expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4 * scale)


@pytest.mark.parametrize("positions", [5, CHUNK + 9])
def test_in_bf16(positions):
    hidden, weight, bias, target = tensors(positions)
    inputs = (hidden, weight, bias)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = functional.linear(*inputs)
        assert logits.dtype == torch.bfloat16
        plain = functional.cross_entropy(logits.float(), target, reduction="sum")
        found = summed_cross_entropy(hidden, weight, bias, target)
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(plain.item(), rel=1e-2)
    exact = torch.autograd.grad(functional.cross_entropy(functional.linear(*inputs), target, reduction="sum"), inputs)
    for one, reference, gold in zip(
        torch.autograd.grad(found, inputs), torch.autograd.grad(plain, inputs), exact, strict=True
    ):
        assert one.dtype == torch.float32
        error, other = (one - gold).norm(), (reference - gold).norm()
        assert error <= 1.5 * other + 1e-3 * gold.norm(), "no further from fp32 than plain autocast is"


def test_no_positions_give_no_loss():
    hidden, weight, bias, target = tensors(0)
    found = summed_cross_entropy(hidden, weight, bias, target)
    found.backward()
    assert found.item() == 0
    assert weight.grad.abs().sum() == 0


def test_gradients_are_those_of_finite_differences():
    hidden, weight, bias, target = (
        t.double() if t.is_floating_point() else t for t in tensors(4, width=3, vocabulary=5)
    )
    found = torch.autograd.grad(summed_cross_entropy(hidden, weight, bias, target), (hidden,))[0]
    step = torch.zeros_like(hidden)
    step[2, 1] = 1e-3
    up, down = (
        functional.cross_entropy(functional.linear(h, weight, bias), target, reduction="sum")
        for h in (hidden + step, hidden - step)
    )
    assert found[2, 1].item() == pytest.approx(((up - down) / 2e-3).item(), rel=1e-3)


@pytest.mark.parametrize("shape", runs.SHAPES)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_language_model_head_of_every_architecture(shape, precision):
    """Its loss is the model's own, whether the projection is known (ModernBERT) or not (BERT, XLM-R)."""
    model = runs.encoder(shape, language_model=True)
    assert (LanguageModelHead(model, Engine()).projection is not None) == (shape == "modernbert")
    torch.manual_seed(1)
    hidden, target = torch.randn(9, 32), torch.randint(model.config.vocab_size, (9,))
    ids, labels = torch.randint(5, 50, (2, 8)), torch.full((2, 8), -100)
    labels[0, 3], labels[1, 5] = 7, 9
    parameters = [p for p in model.parameters() if p.requires_grad]
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        head = LanguageModelHead(model, Engine())
        states = getattr(model, model.base_model_prefix)(input_ids=ids).last_hidden_state
        ours = head.loss(states[labels != -100], labels[labels != -100])
        whole = model(input_ids=ids).logits
        plain = functional.cross_entropy(whole.float().flatten(0, 1), labels.flatten(), reduction="sum")
        by_logits = functional.cross_entropy(head(hidden).float(), target, reduction="sum")
        of_hidden = head.loss(hidden, target)
    loose = precision == "bf16"
    assert ours.item() == pytest.approx(plain.item(), rel=1e-2 if loose else 1e-5)
    assert of_hidden.item() == pytest.approx(by_logits.item(), rel=1e-2 if loose else 1e-5)
    found = torch.autograd.grad(ours, parameters, allow_unused=True)
    expected = torch.autograd.grad(plain, parameters, allow_unused=True)
    for one, other in zip(found, expected, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            assert (one - other).norm() <= (0.05 if loose else 1e-4) * other.norm() + 1e-5
