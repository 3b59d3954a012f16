"""A student that starts from a larger model: its layers are that model's, its pieces may be its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_encoder as tiny
import tiny_runs as runs
import torch
from safetensors.torch import save_file
from transformers import AutoModel, ModernBertModel

from xstilts.errors import CheckpointError
from xstilts.models.student import EMBEDDING, ROWS, with_layers, with_pieces, without_dropout

IDS = torch.tensor([[0, 7, 9, 11, 2]])


def states(model) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(input_ids=IDS).last_hidden_state


def by_hand(model, kept: tuple[int, ...]) -> torch.Tensor:
    """What a model gives whose other layers give what they are given."""
    layers = model.layers if isinstance(model, ModernBertModel) else model.encoder.layer
    left_out = [layer for number, layer in enumerate(layers, start=1) if number not in kept]
    handles = [layer.register_forward_hook(lambda _, given, __: given[0]) for layer in left_out]
    try:
        return states(model)
    finally:
        for handle in handles:
            handle.remove()


@pytest.mark.parametrize(
    ("shape", "kept"), [("bert", (1,)), ("bert", (2,)), ("xlm_roberta", (2,)), ("modernbert", (1,)), ("bert", (1, 2))]
)
def test_a_student_computes_its_layers_and_no_others(shape, kept, tmp_path):
    model = runs.encoder(shape)
    student = with_layers(model, kept)
    assert type(student) is type(model)
    assert student.config.num_hidden_layers == len(kept)
    assert model.config.num_hidden_layers == 2
    torch.testing.assert_close(states(student), by_hand(model, kept))
    student.save_pretrained(tmp_path)
    options = {} if shape == "modernbert" else {"add_pooling_layer": False}
    assert torch.equal(states(AutoModel.from_pretrained(tmp_path, **options)), states(student))


def test_a_layer_that_cannot_be_the_first_is_refused():
    """ModernBERT's first layer has no norm before its attention."""
    with pytest.raises(CheckpointError, match=r"layers 2 of a ModernBertModel do not make a model.*layer 1"):
        with_layers(runs.encoder("modernbert"), (2,))


def test_the_language_model_head_comes_along():
    model = runs.encoder("xlm_roberta", language_model=True)
    student = with_layers(model, (2,))
    assert torch.equal(student.lm_head.dense.weight, model.lm_head.dense.weight)
    assert student.get_output_embeddings().weight is student.get_input_embeddings().weight


def pieces(folder: Path, rows: int, width: int = 32) -> Path:
    folder.mkdir(exist_ok=True)
    save_file({ROWS: torch.randn(rows, width, generator=torch.Generator().manual_seed(3))}, folder / EMBEDDING)
    return folder


@pytest.mark.parametrize("language_model", [False, True])
def test_pieces_of_its_own(tmp_path, language_model):
    tokenizer = tiny.tokenizer("sentencepiece")
    folder = pieces(tmp_path / "pieces", len(tokenizer) + 8)
    model = with_pieces(runs.encoder("xlm_roberta", language_model=language_model), folder, tokenizer)
    assert model.config.vocab_size == len(tokenizer) + 8
    expected = torch.randn(len(tokenizer) + 8, 32, generator=torch.Generator().manual_seed(3))
    assert torch.equal(model.get_input_embeddings().weight, expected)
    if language_model:
        assert model(input_ids=IDS).logits.shape[-1] == len(expected)


@pytest.mark.parametrize(("more", "width", "said"), [(-1, 32, r"×32; \d+×32 is expected"), (0, 16, "×16; ")])
def test_rows_that_do_not_fit_are_refused(tmp_path, more, width, said):
    tokenizer = tiny.tokenizer("sentencepiece")
    folder = pieces(tmp_path / "pieces", len(tokenizer) + more, width)
    with pytest.raises(CheckpointError, match=said):
        with_pieces(runs.encoder("xlm_roberta"), folder, tokenizer)


def test_positions_are_counted_from_the_padding(tmp_path):
    tokenizer = tiny.tokenizer("sentencepiece")
    model = runs.encoder("xlm_roberta")
    model.config.pad_token_id = 4
    with pytest.raises(CheckpointError, match="padding token must keep its number 4"):
        with_pieces(model, pieces(tmp_path / "pieces", len(tokenizer)), tokenizer)


@pytest.mark.parametrize("shape", runs.SHAPES)
def test_without_dropout_training_computes_the_same(shape):
    model = runs.encoder(shape, dropout=0.5)
    before = model.config.to_dict()
    without_dropout(model)
    assert torch.equal(model.train()(input_ids=IDS).last_hidden_state, states(model))
    assert model.config.to_dict() == before
