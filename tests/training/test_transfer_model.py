"""What a head reads: the last layer, or a middle one without computing those above it."""

from __future__ import annotations

import pytest
import tiny_runs as runs
import torch

from xstilts.engine.engine import Engine
from xstilts.engine.plain import Plain
from xstilts.models.loading import base_of, encoder_layers


@pytest.fixture
def batch():
    torch.manual_seed(2)
    mask = torch.ones(3, 8, dtype=torch.long)
    mask[1, 5:] = 0
    return {"input_ids": torch.randint(5, 40, (3, 8)), "attention_mask": mask}


@pytest.mark.parametrize("shape", runs.SHAPES)
def test_a_middle_layer_is_the_one_of_output_hidden_states(shape, batch):
    model = runs.encoder(shape).eval()
    every = model(**batch, output_hidden_states=True).hidden_states
    calls = []
    handle = encoder_layers(model)[1].register_forward_hook(lambda *_: calls.append(1))
    with torch.no_grad():
        early = Engine().states(model, batch, layer=1)
    assert not calls, "the layer above is not computed"
    handle.remove()
    torch.testing.assert_close(early, every[1], rtol=0, atol=0)
    torch.testing.assert_close(Engine().states(model, batch, layer=1), early, rtol=0, atol=0, msg="with gradients")
    with torch.no_grad():
        after = model(**batch).last_hidden_state
    torch.testing.assert_close(after, every[-1], rtol=0, atol=0, msg="the hook is gone")


@pytest.mark.parametrize("how", [Engine(), Plain()])
@pytest.mark.parametrize("shape", ["xlm_roberta", "bert"])
def test_the_last_layer_can_be_asked_for(shape, how, batch):
    model = runs.encoder(shape).eval()
    with torch.no_grad():
        torch.testing.assert_close(how.states(model, batch, layer=2), model(**batch).last_hidden_state)


@pytest.mark.parametrize("shape", runs.SHAPES)
@pytest.mark.parametrize("language_model", [False, True])
def test_the_layers_are_found(shape, language_model):
    model = base_of(runs.encoder(shape, language_model=language_model))
    assert len(encoder_layers(model)) == 2


def test_segments_reach_the_models_that_know_them():
    """BERT reads token types; XLM-R and ModernBERT would fail on them, whatever their tokenizer says."""
    kind = "pair_classification"
    for shape in runs.SHAPES:
        model = runs.model_for((kind,), shape).eval()
        ids = torch.tensor([[0, 9, 2, 8, 2]])
        plain = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        typed = {**plain, "token_type_ids": torch.tensor([[0, 0, 0, 1, 1]])}
        with torch.no_grad():
            same = torch.equal(model.hidden(plain, kind), model.hidden(typed, kind))
        assert same == (shape != "bert")


def test_tasks_may_have_dots_in_their_names():
    from xstilts import registry
    from xstilts.training.model import TransferModel

    head = registry.find("heads.encoder", "tagging")
    modules = {name: head.build(hidden_size=32, labels=("a",), dropout=0.0) for name in ("a.b", "a.c")}
    model = TransferModel(runs.encoder(), dict.fromkeys(modules, head), modules)
    assert model.module_of("a.c") is modules["a.c"]
