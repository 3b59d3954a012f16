"""Text-to-text models from disk and back: the output layer stays what it is, and bytes are ByT5's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny_writer as tiny
import torch

from xstilts.errors import CheckpointError
from xstilts.models import scratch_text_to_text
from xstilts.models.architectures.text_to_text import ARCHITECTURE as TEXT_TO_TEXT
from xstilts.models.bytes import byte_tokenizer
from xstilts.models.loading import load_tokenizer
from xstilts.models.reference import resolve


@pytest.fixture(autouse=True)
def _quiet():
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    yield
    logging.set_verbosity(before)


def logits(model):
    ids = torch.arange(3, 12)[None]
    with torch.no_grad():
        return model.eval()(input_ids=ids, labels=ids).logits


@pytest.mark.parametrize("style", tiny.STYLES)
def test_an_output_layer_of_its_own_survives_saving_twice(style, tmp_path):
    model = tiny.model(style)
    expected = logits(model)
    for cycle in ("one", "two"):
        model.save_pretrained(tmp_path / cycle)
        config = json.loads((tmp_path / cycle / "config.json").read_text(encoding="utf-8"))
        assert config["tie_word_embeddings"] is False
        model = TEXT_TO_TEXT.load(tmp_path / cycle)
        assert model.lm_head.weight is not model.shared.weight
        torch.testing.assert_close(logits(model), expected, rtol=0, atol=0)


@pytest.mark.parametrize("style", tiny.STYLES)
def test_outputs_of_an_untied_model_are_not_scaled(style):
    model, ids = tiny.model(style), torch.arange(3, 12)[None]
    with torch.no_grad():
        states = model.encoder(input_ids=ids).last_hidden_state
        before = torch.cat([torch.zeros_like(ids[:, :1]), ids[:, :-1]], dim=1)
        decoded = model.decoder(input_ids=before, encoder_hidden_states=states).last_hidden_state
        torch.testing.assert_close(logits(model), model.lm_head(decoded))


def test_a_tied_t5_stays_tied_and_scaled(tmp_path):
    from transformers import T5ForConditionalGeneration

    torch.manual_seed(0)
    config = tiny.configuration("bytes")
    config.scale_decoder_outputs = True
    model = T5ForConditionalGeneration(config)
    expected = logits(model)
    model.save_pretrained(tmp_path / "one")
    model = TEXT_TO_TEXT.load(tmp_path / "one")
    assert model.lm_head.weight is model.shared.weight
    assert model.config.scale_decoder_outputs
    torch.testing.assert_close(logits(model), expected, rtol=0, atol=0)


def test_missing_weights_are_refused(tmp_path):
    from safetensors.torch import load_file, save_file

    tiny.model().save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    tensors = load_file(file)
    del tensors["decoder.block.0.layer.0.SelfAttention.q.weight"]
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match="holds no weights for 1 parts"):
        TEXT_TO_TEXT.load(tmp_path)


@pytest.mark.parametrize("text", ["a é b", "وَلَد  x\n", "老渔夫", "<extra_id_1> x", "🙂", ""])
def test_bytes_are_those_of_transformers(text):
    from transformers import ByT5Tokenizer

    ours, theirs = byte_tokenizer(), ByT5Tokenizer()
    assert ours(text).input_ids == theirs(text).input_ids
    assert ours(text, "b").input_ids == theirs(text, "b").input_ids
    assert len(ours) == len(theirs) == 384
    assert ours.decode(ours(text, add_special_tokens=False).input_ids) == text


def test_offsets_of_bytes_are_those_of_their_characters():
    encoded = byte_tokenizer()("é老", return_offsets_mapping=True, add_special_tokens=False)
    assert encoded["offset_mapping"] == [(0, 1)] * 2 + [(1, 2)] * 3


def byt5_directory(folder: Path) -> Path:
    tiny.model("bytes").save_pretrained(folder)
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "ByT5Tokenizer"}', encoding="utf-8")
    return folder


def test_directories_find_their_family(tmp_path):
    byt5 = resolve(str(byt5_directory(tmp_path / "byt5")))
    assert (byt5.family, byt5.described.length) == ("byt5", 4.0)
    assert load_tokenizer(tmp_path / "byt5")("a").input_ids == [100, 1]
    tiny.model().save_pretrained(tmp_path / "mt5")
    tiny.tokenizer("sentencepiece").save_pretrained(tmp_path / "mt5")
    mt5 = resolve(str(tmp_path / "mt5"))
    assert (mt5.family, mt5.described.architecture) == ("mt5", "text_to_text")
    assert mt5.shape is not None
    assert (mt5.shape.layers, mt5.shape.decoder_layers, mt5.shape.head_size, mt5.shape.tied) == (3, 2, 12, False)
    assert (mt5.shape.gated, mt5.shape.positions) == (True, 1024)
    assert matrices(tiny.model()) == mt5.shape.parameters


def test_from_nothing_is_a_function_of_the_seed():
    tok = tiny.tokenizer("sentencepiece")
    one, same, other = (TEXT_TO_TEXT.new("tiny", tok, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.lm_head.weight, same.lm_head.weight)
    assert not torch.equal(one.lm_head.weight, other.lm_head.weight)
    assert one.lm_head.weight is not one.shared.weight
    shape = scratch_text_to_text.FAMILY.checkpoints["tiny"].shape
    assert one.config.num_decoder_layers == shape.decoder_layers


def matrices(model) -> int:
    """Weights of all matrices but tables of relative positions."""
    named = model.named_parameters()
    return sum(p.numel() for name, p in named if p.ndim > 1 and "relative_attention_bias" not in name)
