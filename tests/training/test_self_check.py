"""The engine proves itself on every architecture; where it cannot, the model is computed plainly and says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import tiny_encoder as tiny
import tiny_runs as runs
import torch

from xstilts import registry
from xstilts.engine import last_layer, row_embedding
from xstilts.engine.engine import Engine
from xstilts.engine.plain import Plain
from xstilts.models.loading import base_of, encoder_layers
from xstilts.training import self_check
from xstilts.training.model import TransferModel
from xstilts.training.placement import accelerator_for
from xstilts.training.self_check import settle, why_not

KIND = "pair_classification"


def around(encoder, kind: str = KIND) -> TransferModel:
    head = registry.find("heads.encoder", kind)
    torch.manual_seed(100)
    module = head.build(hidden_size=32, labels=tiny.examples_of(kind)[1], dropout=0.0)
    return TransferModel(encoder, {kind: head}, {kind: module})


def unknown(name: str):
    """A tiny encoder of a class that the engine does not know."""
    import transformers

    sizes = {
        "vocab_size": len(tiny.tokenizer("sentencepiece")),
        "hidden_size": 32,
        "embedding_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 160,
        "pad_token_id": runs.PAD,
    }
    torch.manual_seed(0)
    if name == "local":

        class OwnXLMRoberta(transformers.XLMRobertaModel):
            """Says that it is XLM-R, and is not transformers' own."""

        return OwnXLMRoberta(runs.configuration("xlm_roberta"), add_pooling_layer=False)
    dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    return getattr(transformers, f"{name}Model")(getattr(transformers, f"{name}Config")(**sizes, **dropout))


def patched(shape: str):
    """An encoder whose last layer does more than the engine knows of; the module's own forward is patched."""
    encoder = runs.encoder(shape)
    layer = encoder_layers(encoder)[-1]
    whole = layer.forward

    def forward(*given, **named):
        states = whole(*given, **named)
        return states + 0.01 * states.roll(1, -1)

    layer.forward = forward
    return encoder


def settled(model: TransferModel, *, plain: bool = False) -> list[str]:
    notes: list[str] = []
    settle(model, plain=plain, accelerator=accelerator_for("fp32"), note=notes.append)
    return notes


@pytest.mark.parametrize("kinds", [("tagging",), ("masked_lm", "tagging"), ("sentence_retrieval",)])
@pytest.mark.parametrize("shape", runs.SHAPES)
def test_known_encoders_pass(shape, kinds):
    model = runs.model_for(kinds, shape, dropout=0.3).train()
    before = runs.weights(model)
    assert settled(model) == []
    assert type(model.engine) is Engine
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())
    runs.assert_same(before, runs.weights(model))


@pytest.mark.parametrize("style", ["sentencepiece", "bytes"])
def test_text_to_text_models_pass(style):
    import tiny_writer

    head = registry.find("heads.text_to_text", KIND)
    assert why_not(tiny_writer.transfer_model(head, tiny_writer.examples_of(KIND)[1], style)) == ""


@pytest.mark.parametrize("shape", ["Qwen3", "Gemma3Text"])
def test_decoders_pass(shape):
    pytest.importorskip("peft")
    import test_decoder_heads as decoders

    from xstilts.models.architecture import architecture_named

    backbone = architecture_named("decoder").adapt(decoders.model(shape), seed=3)
    model = decoders.transfer_model(registry.find("heads.decoder", KIND), tiny.examples_of(KIND)[1], backbone)
    assert why_not(model) == ""


def test_a_window_is_seen_to_end(monkeypatch):
    """The longer row is longer than ModernBERT's window; without the window its states are other ones."""
    from transformers import ModernBertModel

    from xstilts.engine import attention

    config = runs.configuration("modernbert")
    config.local_attention, config.layer_types = 16, ["full_attention", "sliding_attention"]
    torch.manual_seed(0)
    model = around(ModernBertModel(config))
    assert why_not(model) == ""
    monkeypatch.setattr(attention, "_far", lambda *_: None)
    assert "differ from transformers' own" in why_not(model)


@pytest.mark.parametrize("name", ["Electra", "Albert", "local"])
def test_a_model_class_that_is_not_known_is_computed_plainly(name, tmp_path):
    model = around(unknown(name))
    (note,) = settled(model)
    assert type(base_of(model.encoder)).__name__ in note
    assert "does not know the model class" in note
    assert "computed plainly" in note
    assert type(model.engine) is Plain
    assert model.engine.why == note
    assert_as_plain(model, around(unknown(name)), tmp_path)


@pytest.mark.parametrize("shape", runs.SHAPES)
def test_a_layer_that_computes_something_else_is_noticed(shape, tmp_path):
    model = around(patched(shape))
    (note,) = settled(model)
    assert "differ from transformers' own" in note
    assert type(model.engine) is Plain
    right = around(patched(shape))
    assert_as_plain(model, right, tmp_path / "right")
    wrong, right = around(patched(shape)), around(patched(shape))
    wrong.engine = Engine()
    with pytest.raises(AssertionError):
        assert_as_plain(wrong, right, tmp_path / "wrong")


def assert_as_plain(model: TransferModel, other: TransferModel, folder) -> None:
    """A training of the model gives the numbers of a plain one, and so do its predictions."""
    other.engine = Plain()
    found = []
    for number, one in enumerate((model, other)):
        found.append(runs.run((KIND,), folder / str(number), shape="xlm_roberta", model=one, epochs=1)[1].losses)
    np.testing.assert_array_equal(*found)
    runs.assert_same(runs.weights(model), runs.weights(other))


def test_a_patched_class_is_another_model(monkeypatch):
    """What was found of the same shape before does not hold for it: in one process, by one configuration."""
    assert settled(around(runs.encoder("bert"))) == []
    kind = type(encoder_layers(runs.encoder("bert"))[-1])
    whole = kind.feed_forward_chunk
    monkeypatch.setattr(kind, "forward", lambda self, hidden, *given, **named: whole(self, hidden))
    (note,) = settled(around(runs.encoder("bert")))
    assert "differ from transformers' own" in note


@pytest.mark.parametrize("broken", ["last layer", "gradient", "embedding", "raises"])
def test_each_part_of_the_engine_is_checked(broken, monkeypatch):
    if broken == "last layer":
        own = last_layer.after_norm
        monkeypatch.setattr(
            "xstilts.engine.known.KNOWN", {"xlm-roberta": changed_narrow(lambda *a, **k: own(*a, **k) + 1)}
        )
    elif broken == "gradient":
        monkeypatch.setattr(torch, "_softmax_backward_data", lambda gradient, *_: gradient)
    elif broken == "embedding":
        given = row_embedding.RowEmbedding.given
        monkeypatch.setattr(row_embedding.RowEmbedding, "given", lambda self, rows: 2 * given(self, rows))
    else:
        monkeypatch.setattr("xstilts.engine.known.KNOWN", {"xlm-roberta": changed_narrow(None_called)})
    why = why_not(around(runs.encoder("xlm_roberta")))
    assert ("cannot compute XLMRobertaModel (ValueError: no such layer)" if broken == "raises" else "differ") in why
    monkeypatch.undo()
    assert why_not(around(runs.encoder("xlm_roberta"))) == ""


def changed_narrow(narrow):
    from xstilts.engine.known import KNOWN

    return replace(KNOWN["xlm-roberta"], narrow=narrow)


def None_called(*_, **__):
    raise ValueError("no such layer")


def test_it_is_checked_once(monkeypatch):
    calls = []
    monkeypatch.setattr(self_check, "_FOUND", {})
    monkeypatch.setattr(self_check, "why_not", lambda model: calls.append(model) or "it differs")
    for _ in range(3):
        assert settled(around(runs.encoder("bert"))) == ["it differs: computed plainly, which is slower"]
    assert len(calls) == 1
    settled(around(runs.encoder("modernbert")))
    settled(around(runs.encoder("bert"), "sentence_retrieval"))
    assert len(calls) == 3, "another architecture, another layer"


def test_who_asks_for_plain_is_not_warned(monkeypatch):
    monkeypatch.setattr(self_check, "why_not", lambda model: pytest.fail("nothing is to be checked"))
    model = around(runs.encoder("bert"))
    assert settled(model, plain=True) == []
    assert type(model.engine) is Plain
    assert model.engine.why == ""


def test_checking_draws_nothing():
    """The numbers of a run do not depend on whether a process has checked before."""
    models = runs.model_for(("masked_lm",), dropout=0.2), around(runs.encoder("bert"))
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    assert [why_not(model) for model in models] == ["", ""]
    assert torch.equal(torch.rand(3), expected)
