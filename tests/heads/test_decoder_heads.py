"""Heads on decoders' states: Qwen's and Gemma's architectures, tiny; the last token's state stands for the row."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tiny_encoder as tiny
import torch

from xstilts import registry
from xstilts.heads.decoder.tagging import HEAD as TAGGING
from xstilts.models.architectures.decoder import ARCHITECTURE as DECODER
from xstilts.models.loading import load_tokenizer
from xstilts.models.reference import resolve
from xstilts.tasks.kind import kind_of
from xstilts.training.model import TransferModel

HEADS = registry.names("heads.decoder")
LEARNT = [name for name in HEADS if not kind_of(name).retrieval]
SHAPES = ("Qwen3", "Gemma3Text")


def model(shape: str, *, seed: int = 0):
    import transformers

    torch.manual_seed(seed)
    sizes = {
        "vocab_size": len(tiny.tokenizer("sentencepiece")),
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "max_position_embeddings": 128,
        "pad_token_id": 1,
        "bos_token_id": 0,
        "eos_token_id": 2,
    }
    config = getattr(transformers, f"{shape}Config")(**sizes)
    return getattr(transformers, f"{shape}Model")(config).eval()


def transfer_model(head, labels, backbone) -> TransferModel:
    torch.manual_seed(1)
    module = head.build(hidden_size=32, labels=labels, dropout=0.0)
    return TransferModel(backbone, {"task": head}, {"task": module}).eval()


def directory(folder, shape: str = "Qwen3"):
    """As a hub has it: a tokenizer that neither closes a text nor pads."""
    from transformers import PreTrainedTokenizerFast

    model(shape).save_pretrained(folder)
    backend = type(tiny.tokenizer("sentencepiece").backend_tokenizer).from_str(
        tiny.tokenizer("sentencepiece").backend_tokenizer.to_str()
    )
    from tokenizers.processors import TemplateProcessing

    backend.post_processor = TemplateProcessing(single="$A", pair="$A $B")
    PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="</s>", unk_token="<unk>").save_pretrained(folder)
    return folder


def test_every_kind_of_task_but_pretraining_has_a_head():
    assert set(LEARNT) == {
        *("single_classification", "pair_classification", "tagging", "extractive_qa", "multiple_choice")
    }
    assert all(registry.find("heads.decoder", name).kind == name for name in HEADS)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", HEADS)
def test_every_head_on_every_architecture(kind, shape):
    head, (examples, labels) = registry.find("heads.decoder", kind), tiny.examples_of(kind)
    whole = transfer_model(head, labels, model(shape))
    rows = tiny.encode(head, examples, labels)
    with torch.no_grad():
        together = whole.predict(tiny.batch_of(head, rows), "task")
        alone = [whole.predict(tiny.batch_of(head, [row]), "task")[0] for row in rows]
    for one, other in zip(alone, together, strict=True):
        for key in one:
            np.testing.assert_allclose(one[key], other[key], atol=1e-4)
    assert len(tiny.decoded(head, together, rows, examples, labels)) == len(examples)
    if kind in LEARNT:
        loss, count = whole(tiny.batch_of(head, tiny.encode(head, examples, labels, training=True)), "task")
        loss.backward()
        assert torch.isfinite(loss)
        assert int(count) >= len(examples) // 2
        assert sum(p.grad.norm() for p in whole.encoder.parameters() if p.grad is not None) > 0


@pytest.mark.parametrize("kind", ["pair_classification", "multiple_choice", "extractive_qa"])
def test_the_whole_row_is_read(kind):
    """Changing the last token of a row changes what is said of it, as it could not by the first one's state."""
    head, (examples, labels) = registry.find("heads.decoder", kind), tiny.examples_of(kind)
    whole = transfer_model(head, labels, model("Qwen3"))
    (row, *_) = tiny.encode(head, examples, labels)
    changed = {**row, "input_ids": [*row["input_ids"][:-2], 9, row["input_ids"][-1]]}
    with torch.no_grad():
        one, other = (whole.predict(tiny.batch_of(head, [r]), "task")[0] for r in (row, changed))
    key = {"pair_classification": "logits", "multiple_choice": "score", "extractive_qa": "start"}[kind]
    first = [np.ravel(found[key])[0] for found in (one, other)]
    assert first[0] != first[1]


def test_tags_are_read_at_the_end_of_words():
    assert TAGGING.marks([0, 0, 1, None, 2]) == [-1, 0, 1, -1, 2]
    assert registry.find("heads.encoder", "tagging").marks([0, 0, 1, None, 2]) == [0, -1, 1, -1, 2]


def test_a_tokenizer_closes_texts(tmp_path):
    tokenizer = load_tokenizer(directory(tmp_path))
    assert tokenizer.pad_token_id == tokenizer.eos_token_id == 2
    one, two = tokenizer("The").input_ids, tokenizer("The", "old").input_ids
    assert one[-1] == 2
    assert two[: len(one)] == one
    assert two[-1] == 2
    assert two.count(2) == 2


def test_directories_are_decoders(tmp_path):
    found = resolve(str(directory(tmp_path)))
    assert (found.family, found.described.architecture) == ("qwen3", "decoder")
    assert found.shape is not None
    assert (found.shape.key_heads, found.shape.head_size, found.shape.gated) == (2, 8, True)
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**config, "model_type": "llama"}), encoding="utf-8")
    assert resolve(str(tmp_path)).family == "auto_decoder"


def test_lora_trains_little_and_is_merged(tmp_path):
    pytest.importorskip("peft")
    head, (examples, labels) = registry.find("heads.decoder", "tagging"), tiny.examples_of("tagging")
    base = DECODER.load(directory(tmp_path / "base"))
    torch.manual_seed(0)
    whole = transfer_model(head, labels, DECODER.adapt(base, seed=0))
    trained = [p for p in whole.encoder.parameters() if p.requires_grad]
    assert 0 < sum(p.numel() for p in trained) < sum(p.numel() for p in whole.encoder.parameters()) / 2
    batch = tiny.batch_of(head, tiny.encode(head, examples, labels, training=True))
    optimizer = torch.optim.AdamW([p for p in whole.parameters() if p.requires_grad], lr=1e-2)
    for _ in range(3):
        loss, count = whole(batch, "task")
        optimizer.zero_grad()
        (loss / count).backward()
        optimizer.step()
    with torch.no_grad():
        expected = whole.eval().hidden(batch, "task")
        DECODER.merge(whole.encoder).save_pretrained(tmp_path / "merged")
        again = DECODER.load(tmp_path / "merged").eval()
        found = transfer_model(head, labels, again).hidden(batch, "task")
        untrained = transfer_model(head, labels, DECODER.load(tmp_path / "base").eval()).hidden(batch, "task")
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(found, untrained, atol=1e-3)


def test_without_peft_the_message_says_what_to_install(monkeypatch):
    import sys

    from xstilts.errors import CheckpointError

    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(CheckpointError, match=r"xstilts\[lora\]"):
        DECODER.adapt(model("Qwen3"), seed=0)
