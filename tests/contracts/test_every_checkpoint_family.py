"""The published families' configurations, as transformers writes them: each passes the check when it is right.

And each is refused when it is made wrong, before a model is loaded.
"""

from __future__ import annotations

import functools
import json
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "heads"))
import tiny_encoder as tiny

from xstilts.errors import CheckpointError
from xstilts.models.reference import resolve
from xstilts.models.versions import mend_modernbert

USUAL = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "pad_token_id": 1,
}
T5 = {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4, "pad_token_id": 1}
FAMILIES: dict[str, tuple[str, dict, str, int]] = {
    "Bert": ("ForMaskedLM", USUAL, "encoder", 64),
    "DistilBert": (
        "ForMaskedLM",
        {"dim": 32, "hidden_dim": 48, "n_layers": 2, "n_heads": 4, "max_position_embeddings": 64, "pad_token_id": 1},
        "encoder",
        64,
    ),
    "Roberta": ("ForMaskedLM", USUAL, "encoder", 62),
    "XLMRoberta": ("ForMaskedLM", USUAL, "encoder", 62),
    "Electra": ("ForPreTraining", {**USUAL, "embedding_size": 16}, "encoder", 64),
    "Deberta": ("ForMaskedLM", {**USUAL, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]}, "encoder", 64),
    "DebertaV2": ("ForMaskedLM", {**USUAL, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]}, "encoder", 64),
    "ModernBert": ("ForMaskedLM", {**USUAL, "cls_token_id": 0, "sep_token_id": 2}, "encoder", 64),
    "T5": ("ForConditionalGeneration", {**T5, "decoder_start_token_id": 1}, "text_to_text", 1024),
    "MT5": ("ForConditionalGeneration", {**T5, "decoder_start_token_id": 1}, "text_to_text", 1024),
    "Qwen2": ("ForCausalLM", {**USUAL, "num_key_value_heads": 2}, "decoder", 64),
    "Qwen3": ("ForCausalLM", {**USUAL, "num_key_value_heads": 2, "head_dim": 8}, "decoder", 64),
    "Gemma": ("ForCausalLM", {**USUAL, "num_key_value_heads": 2, "head_dim": 8}, "decoder", 64),
    "Llama": ("ForCausalLM", {**USUAL, "num_key_value_heads": 2}, "decoder", 64),
}
"""Class of transformers → (what is saved, its sizes, the architecture, the longest input)."""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Family → a directory as transformers saves it, with a tokenizer."""
    return functools.cache(lambda family: save(family, tmp_path_factory.mktemp(family)))


def save(family: str, folder: Path) -> Path:
    import transformers

    mend_modernbert()
    tokenizer = tiny.tokenizer("sentencepiece")
    kind, sizes, _, _ = FAMILIES[family]
    config = getattr(transformers, f"{family}Config")(
        vocab_size=len(tokenizer), bos_token_id=0, eos_token_id=2, **sizes
    )
    getattr(transformers, f"{family}{kind}")(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    change(folder / "tokenizer_config.json", eos_token="</s>")
    return folder


@pytest.fixture(params=list(FAMILIES))
def family(request):
    return request.param


@pytest.fixture
def copy(family, saved, tmp_path):
    return shutil.copytree(saved(family), tmp_path / "m")


def change(file: Path, **values) -> None:
    found = json.loads(file.read_text(encoding="utf-8")) | values
    file.write_text(json.dumps(found), encoding="utf-8")


def refused(folder: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        resolve(str(folder))
    return str(caught.value)


def test_it_passes_when_it_is_right(family, saved):
    found = resolve(str(saved(family)))
    _, _, architecture, positions = FAMILIES[family]
    assert found.described.architecture == architecture
    assert found.notes == ()
    shape = found.shape
    assert (shape.layers, shape.hidden, shape.intermediate, shape.heads) == (2, 32, 48, 4)
    assert (shape.positions, shape.vocabulary) == (positions, len(tiny.tokenizer("sentencepiece")))


def test_a_token_beyond_its_embedding(copy):
    tokenizer = json.loads((copy / "tokenizer.json").read_text(encoding="utf-8"))
    rows = len(tiny.tokenizer("sentencepiece"))
    told = dict(tokenizer["added_tokens"][0], id=rows, content="<further>")
    tokenizer["added_tokens"].append(told)
    (copy / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    assert f"the embedding has {rows:,} rows: there is none for 1 token, e.g. '<further>'" in refused(copy)


def test_other_sizes_than_its_weights(copy):
    rows = len(tiny.tokenizer("sentencepiece"))
    change(copy / "config.json", vocab_size=rows + 7)
    assert f"says vocab_size {rows + 7:,}, the embedding in the weights has {rows:,} rows" in refused(copy)


def test_more_layers_than_its_weights(copy):
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    name = next(key for key in ("num_hidden_layers", "n_layers", "num_layers") if key in config)
    change(copy / "config.json", **{name: 9})
    assert "says 9 layers, the weights hold 2" in refused(copy)


def test_no_token_to_pad_or_end_with(family, copy):
    decodes = FAMILIES[family][2] == "decoder"
    change(copy / "tokenizer_config.json", **{"eos_token" if decodes else "pad_token": None})
    assert f"its tokenizer has no {'end' if decodes else 'padding'} token" in refused(copy)


def test_weights_that_are_a_pointer(copy):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 44\n"
    (copy / "model.safetensors").write_text(pointer, encoding="utf-8")
    assert "a Git LFS pointer" in refused(copy)
