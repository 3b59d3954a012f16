"""fp32 weights behind bf16 ones: cast once, gradients summed in fp32, everything put back."""

from __future__ import annotations

import pytest
import tiny_runs as runs
import torch

from xstilts.engine.row_embedding import RowEmbedding
from xstilts.engine.weights import Weights, computing, row_embedding
from xstilts.models.loading import base_of
from xstilts.training.placement import accelerator_for

KIND = "tagging"


def opened(dtype, shape="xlm_roberta"):
    model = runs.model_for((KIND,), shape)
    return model, RowEmbedding(base_of(model.encoder).get_input_embeddings(), active=None, dtype=dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_model_computes_with_working_weights_and_gets_its_own_back(dtype):
    model, embedding = opened(dtype)
    before = runs.weights(model)
    with row_embedding(model, embedding):
        weights = Weights(model, embedding, dtype=dtype)
        with weights.open():
            inside = dict(model.named_parameters())
            table = next(name for name, p in inside.items() if p is embedding.weight)
            assert {p.dtype for name, p in inside.items() if name != table} == {dtype}
            masters = dict(weights.named_parameters())
            assert masters.keys() == inside.keys()
            assert {p.dtype for p in masters.values()} == {torch.float32}
            with torch.no_grad():
                for master in masters.values():
                    master.add_(1.0)
            weights.cast()
            for name, parameter in inside.items():
                torch.testing.assert_close(parameter, masters[name].to(parameter.dtype), rtol=0, atol=0)
    after = runs.weights(model)
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    runs.assert_same({name: value + 1 for name, value in before.items()}, after)


def test_gradients_are_summed_in_fp32():
    """Two halves of a gradient that bf16 could not add."""
    model, embedding = opened(torch.bfloat16)
    with row_embedding(model, embedding):
        weights = Weights(model, embedding, dtype=torch.bfloat16)
        with weights.open():
            weights.begin()
            working = model.head_modules[0][1].weight
            for value in (256.0, 1.0):
                (working * value).sum().backward()
            assert working.grad is None
            weights.gather(accelerator_for("bf16"))
            found = {name: p.grad for name, p in weights.named_parameters() if p.grad is not None}
            assert found["head_modules.0.1.weight"].dtype == torch.float32
            assert set(found["head_modules.0.1.weight"].unique().tolist()) == {257.0}
            untouched = [name for name in found if name.startswith("encoder") and "embeddings.weight" not in name]
            assert untouched == [], "what a step does not reach has no gradient"
            weights.begin()
            assert all(p.grad is None for p in weights.parameters())


def test_weights_are_put_back_after_an_error():
    model, embedding = opened(torch.bfloat16)
    before = runs.weights(model)

    def fail():
        with row_embedding(model, embedding), Weights(model, embedding, dtype=torch.bfloat16).open():
            raise runs.Stopped

    with pytest.raises(runs.Stopped):
        fail()
    runs.assert_same(before, runs.weights(model))
    assert isinstance(base_of(model.encoder).get_input_embeddings(), torch.nn.Embedding)


def test_predictions_cast_once_and_leave_no_trace():
    model, _ = opened(torch.bfloat16)
    before = runs.weights(model)
    with computing(model, torch.bfloat16):
        assert {p.dtype for p in model.head_modules.parameters()} == {torch.bfloat16}
    runs.assert_same(before, runs.weights(model))
    with computing(model, torch.float32):
        assert {p.dtype for p in model.parameters()} == {torch.float32}
