"""Every family's architecture, made tiny from its configuration and read from disk, under every head that it has."""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "heads"))
import tiny_encoder as tiny
import torch

from xstilts import registry
from xstilts.engine.batches import collate, to_tensors
from xstilts.engine.engine import Engine
from xstilts.models.architecture import architecture_named
from xstilts.models.reference import resolve
from xstilts.tasks.kind import kind_of
from xstilts.training.model import TransferModel

ENCODERS = {
    "bert": "Bert",
    "multilingual_e5": "Bert",
    "xlm_roberta": "XLMRoberta",
    "xlm_v": "XLMRoberta",
    "glot500": "XLMRoberta",
    "mdeberta": "DebertaV2",
    "mmbert": "ModernBert",
    "eurobert": "EuroBert",
}
DECODERS = {"qwen3": "Qwen3", "gemma3": "Gemma3Text"}
WRITERS = {"mt5", "byt5"}
"""Their heads read and write other rows: `test_every_writer`."""
OWN = {
    "mdeberta": {
        "relative_attention": True,
        "position_buckets": 16,
        "share_att_key": True,
        "pos_att_type": ["p2c", "c2p"],
        "position_biased_input": False,
        "type_vocab_size": 0,
        "norm_rel_ebd": "layer_norm",
    },
    "mmbert": {"global_attn_every_n_layers": 3, "local_attention": 16, "cls_token_id": 0, "sep_token_id": 2},
    "qwen3": {"num_key_value_heads": 2, "head_dim": 8},
    "gemma3": {"num_key_value_heads": 2, "head_dim": 8, "sliding_window": 16},
    "eurobert": {"num_key_value_heads": 2},
}
"""What makes an architecture what it is: relative positions, local attention, shared keys."""
STYLE = {"bert": "wordpiece"}
DISTINCT = [name for name in {**ENCODERS, **DECODERS} if name not in ("multilingual_e5", "xlm_v", "glot500")]
CASES = [
    (family, kind)
    for family in DISTINCT
    for kind in registry.names("heads.encoder")
    if family in ENCODERS or not kind_of(kind).pretraining
]


@pytest.fixture(autouse=True)
def _quiet_on_one_thread():
    from transformers.utils import logging

    before, said = torch.get_num_threads(), logging.get_verbosity()
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    yield
    torch.set_num_threads(before)
    logging.set_verbosity(said)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Family → a directory as a hub has it, with a language model of the family's architecture."""
    return functools.cache(lambda family: written(family, tmp_path_factory.mktemp(family)))


@pytest.fixture(scope="module")
def backbone(checkpoint):
    """(family, whether with its masked-LM head) → what a phase loads of the directory."""

    def load(family: str, language_model: bool):
        if family in DECODERS:
            return architecture_named("decoder").load(checkpoint(family)).eval()
        return architecture_named("encoder").load(checkpoint(family), language_model=language_model).eval()

    return functools.cache(load)


def written(family: str, folder: Path) -> Path:
    import transformers

    style = STYLE.get(family, "sentencepiece")
    sizes = {
        "vocab_size": len(tiny.tokenizer(style)),
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "max_position_embeddings": 128,
        "pad_token_id": 1,
        "bos_token_id": 0,
        "eos_token_id": 2,
    }
    name = {**ENCODERS, **DECODERS}[family]
    config = getattr(transformers, f"{name}Config")(**sizes, **OWN.get(family, {}))
    kind = f"{name}ForMaskedLM" if family in ENCODERS else f"{name.removesuffix('Text')}ForCausalLM"
    torch.manual_seed(0)
    getattr(transformers, kind)(config).save_pretrained(folder)
    tiny.tokenizer(style).save_pretrained(folder)
    if family in DECODERS:  # which end every text, and pad, with it
        settings = folder / "tokenizer_config.json"
        told = json.loads(settings.read_text(encoding="utf-8"))
        settings.write_text(json.dumps({**told, "eos_token": "</s>"}), encoding="utf-8")
    return folder


def test_every_family_is_here():
    published = {name for name in registry.names("models") if _table(name)}
    assert published == {*ENCODERS, *DECODERS, *WRITERS}


def _table(name: str) -> bool:
    family = registry.find("models", name)
    return any(checkpoint.repository for checkpoint in getattr(family, "checkpoints", {}).values())


@pytest.mark.parametrize("family", DISTINCT)
def test_a_directory_is_of_its_architecture(family, checkpoint):
    found = resolve(str(checkpoint(family)))
    assert found.described.architecture == ("decoder" if family in DECODERS else "encoder")
    assert found.shape.layers == 3


@pytest.mark.parametrize(("family", "kind"), CASES)
def test_every_head_on_every_architecture(family, kind, backbone):
    room = "decoder" if family in DECODERS else "encoder"
    head, (examples, labels) = registry.find(f"heads.{room}", kind), tiny.examples_of(kind)
    style = STYLE.get(family, "sentencepiece")
    base = backbone(family, kind == "masked_lm")
    torch.manual_seed(1)
    module = head.build(hidden_size=32, labels=labels, dropout=0.0)
    whole = TransferModel(base, {"task": head}, {"task": module}).eval()
    rows = tiny.encode(head, examples, labels, style=style)
    with torch.no_grad():
        together = whole.predict(batch_of(head, rows, style, base), "task")
        alone = [whole.predict(batch_of(head, [row], style, base), "task")[0] for row in rows]
    if kind != "masked_lm":  # its masks are drawn per batch
        for one, other in zip(alone, together, strict=True):
            for key in one:
                np.testing.assert_allclose(one[key], other[key], atol=1e-4)
        assert len(tiny.decoded(head, together, rows, examples, labels)) == len(examples)
    if kind_of(kind).retrieval:
        return
    whole.zero_grad()
    trained = tiny.encode(head, examples, labels, style=style, training=True)
    loss, count = whole(batch_of(head, trained, style, base), "task")
    loss.backward()
    assert torch.isfinite(loss)
    assert int(count) >= len(examples) // 2
    first = {n: p.grad is not None and bool(p.grad.any()) for n, p in whole.named_parameters() if ".0." in n}
    assert len(first) > 3
    assert all(moved for name, moved in first.items() if "weight" in name), "the first layer learns"


def batch_of(head, rows, style, base):
    """A batch as training makes it: packed where the architecture can be."""
    arrays = collate(tiny.pack(rows), np.arange(len(rows)), pad_id=1, columns=head.columns)
    prepared = head.prepare(arrays, rng=np.random.default_rng(0), vocabulary=tiny.vocabulary(style))
    return to_tensors(prepared, torch.device("cpu"), packed=Engine().layout(base).packed)
