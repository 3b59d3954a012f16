"""Checkpoints of several architectures load, with and without their language-model head."""

from __future__ import annotations

import json

import pytest
import tiny_checkpoints as checkpoints
import tiny_encoder as tiny
import tiny_runs as runs
import torch
from safetensors.torch import load_file, save_file

from xstilts.errors import CheckpointError
from xstilts.models.architectures.encoder import ARCHITECTURE as ENCODER
from xstilts.models.loading import base_of, language_model_head, load_tokenizer


@pytest.fixture(scope="module", params=runs.SHAPES)
def saved(request, tmp_path_factory):
    """(shape, a directory with a language model)."""
    return request.param, checkpoints.directory(tmp_path_factory.mktemp(request.param), request.param)


def test_a_language_model_loads_whole(saved):
    shape, folder = saved
    model = ENCODER.load(folder, language_model=True)
    runs.assert_same(runs.weights(model), runs.weights(runs.encoder(shape, language_model=True)))
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
    assert model.dtype == torch.float32


def test_its_encoder_loads_alone(saved):
    shape, folder = saved
    model = ENCODER.load(folder)
    assert base_of(model) is model
    expected = base_of(runs.encoder(shape, language_model=True))
    runs.assert_same(runs.weights(model), runs.weights(expected))
    assert not any("pooler" in name for name, _ in model.named_parameters()), "dead weight"


def test_an_encoder_gets_a_fresh_language_model_head(saved, tmp_path):
    shape, _ = saved
    checkpoints.directory(tmp_path, shape, language_model=False)
    made = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        made.append(ENCODER.load(tmp_path, language_model=True))
    expected = runs.weights(runs.encoder(shape))
    for model in made:
        runs.assert_same(runs.weights(base_of(model)), expected)
        assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
    runs.assert_same(runs.weights(made[0]), runs.weights(made[1]))
    head = language_model_head(made[0])[0]
    other = language_model_head(made[2])[0]
    assert any(not torch.equal(a, b) for a, b in zip(head.parameters(), other.parameters(), strict=True))


def test_trained_weights_are_carried_over(saved, tmp_path):
    _, folder = saved
    model = ENCODER.load(folder)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.5)
    model.save_pretrained(tmp_path / "next")
    runs.assert_same(runs.weights(ENCODER.load(tmp_path / "next")), runs.weights(model))
    again = base_of(ENCODER.load(tmp_path / "next", language_model=True))
    runs.assert_same(runs.weights(again), runs.weights(model))


@pytest.mark.parametrize("language_model", [False, True])
def test_missing_weights_are_no_random_ones(saved, tmp_path, language_model):
    shape, _ = saved
    folder = checkpoints.directory(tmp_path, shape)
    tensors = load_file(folder / "model.safetensors")
    gone = [name for name in tensors if ".1." in name and name.endswith("weight")]
    save_file({n: t for n, t in tensors.items() if n not in gone}, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(CheckpointError, match=f"holds no weights for {len(gone)} parts, e.g. .*1"):
        ENCODER.load(folder, language_model=language_model)


def test_weights_of_another_size(saved, tmp_path):
    shape, _ = saved
    folder = checkpoints.directory(tmp_path, shape)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "intermediate_size": 24}), encoding="utf-8")
    with pytest.raises(CheckpointError, match="its weights cannot be loaded"):
        ENCODER.load(folder)


@pytest.mark.parametrize("content", [None, "{", '{"model_type": "unheard_of"}'])
def test_a_configuration_that_is_none(tmp_path, content):
    folder = checkpoints.directory(tmp_path)
    (folder / "config.json").unlink()
    if content is not None:
        (folder / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointError, match="its weights cannot be loaded"):
        ENCODER.load(folder)


def test_pickled_weights_are_not_read(tmp_path):
    folder = checkpoints.directory(tmp_path)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="its weights cannot be loaded"):
        ENCODER.load(folder)


def test_tokenizers_that_cannot_be_used(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CheckpointError, match="its tokenizer cannot be loaded"):
        load_tokenizer(tmp_path / "empty")
    made = tiny.tokenizer("sentencepiece")
    made.save_pretrained(tmp_path / "unpadded")
    config = json.loads((tmp_path / "unpadded" / "tokenizer_config.json").read_text(encoding="utf-8"))
    del config["pad_token"]
    (tmp_path / "unpadded" / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(CheckpointError, match="no padding token"):
        load_tokenizer(tmp_path / "unpadded")


def test_from_nothing_the_seed_decides():
    made = [ENCODER.new("tiny", tiny.tokenizer("sentencepiece"), seed=s, language_model=True) for s in (1, 1, 2)]
    runs.assert_same(runs.weights(made[0]), runs.weights(made[1]))
    assert not torch.equal(made[0].get_input_embeddings().weight, made[2].get_input_embeddings().weight)
    assert made[0].config.vocab_size == len(tiny.tokenizer("sentencepiece"))
    assert made[0].config.pad_token_id == tiny.tokenizer("sentencepiece").pad_token_id


@pytest.mark.parametrize(("family", "own"), [("DistilBert", {"dim": 16}), ("Electra", {"embedding_size": 8})])
def test_a_head_in_parts(family, own):
    """Of DistilBERT and ELECTRA: what transformers computes is what its parts give."""
    import transformers

    sizes = {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 1, "vocab_size": 40, **own}
    torch.manual_seed(0)
    model = getattr(transformers, f"{family}ForMaskedLM")(getattr(transformers, f"{family}Config")(**sizes)).eval()
    head, projection = language_model_head(model)
    ids = torch.arange(5, 12)[None]
    with torch.no_grad():
        states = base_of(model)(input_ids=ids).last_hidden_state
        torch.testing.assert_close(projection(head(states)), model(input_ids=ids).logits)


def test_an_unknown_language_model_head():
    class Odd(torch.nn.Module):
        pass

    with pytest.raises(CheckpointError, match="no masked-LM head is known for Odd"):
        language_model_head(Odd())
