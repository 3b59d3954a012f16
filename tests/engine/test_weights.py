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


def test_a_text_to_text_model_is_what_it_was_afterwards():
    """Its encoder and its decoder each have a module of their own over one table."""
    import tiny_writer

    from xstilts import registry

    head = registry.find("heads.text_to_text", "pair_classification")
    model = tiny_writer.transfer_model(head, tiny_writer.examples_of("pair_classification")[1])
    modules = [*map(id, model.modules())]
    table = base_of(model.encoder).get_input_embeddings()
    embedding = RowEmbedding(table, active=None, dtype=torch.float32)
    with row_embedding(model, embedding):
        assert model.encoder.encoder.embed_tokens is model.encoder.decoder.embed_tokens is embedding
    assert [*map(id, model.modules())] == modules
    with computing(model, torch.bfloat16):
        assert isinstance(model.encoder.encoder.embed_tokens, RowEmbedding)
    assert [*map(id, model.modules())] == modules


@pytest.mark.parametrize("trains", [True, False])
def test_an_embedding_that_scales_its_rows_goes_on_to_scale_them(trains):
    """Gemma's: what it gives, and the gradient of its rows."""
    from transformers import Gemma3TextConfig, Gemma3TextModel

    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    torch.manual_seed(0)
    table = Gemma3TextModel(Gemma3TextConfig(vocab_size=30, head_dim=8, **sizes)).get_input_embeddings()
    ids = torch.tensor([[3, 4, 4, 9]])
    expected = table(ids)
    (expected * torch.arange(16.0)).sum().backward()
    rows = RowEmbedding(table, active=torch.tensor([3, 4, 9]).numpy(), dtype=torch.float32)
    if trains:
        rows.learn()
        found = rows(ids)
        (found * torch.arange(16.0)).sum().backward()
        torch.testing.assert_close(rows.gradient, table.weight.grad[[3, 4, 9]])
    else:
        with torch.no_grad():
            found = rows(ids)
    torch.testing.assert_close(found, expected)


def test_an_embedding_that_does_more_is_refused():
    class Shifted(torch.nn.Embedding):
        def forward(self, ids):
            return super().forward(ids) + 1

    with pytest.raises(TypeError, match="Shifted does more than look rows up"):
        RowEmbedding(Shifted(9, 4), active=None, dtype=torch.float32)
