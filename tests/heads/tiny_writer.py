"""Tiny text-to-text models, mT5's and ByT5's architectures, with tokenizers of our own."""

from __future__ import annotations

import functools

import numpy as np
import tiny_encoder as tiny
import torch
from dictated import Dictated

from xstilts.engine.batches import collate, to_tensors
from xstilts.heads.rows import Rows
from xstilts.models.architectures import text_to_text
from xstilts.models.bytes import byte_tokenizer
from xstilts.training.text_to_text import TextToTextModel

STYLES = ("sentencepiece", "bytes")
LENGTH = {"sentencepiece": 96, "bytes": 320}
PER_WORD = ("X", "SHORT", "LONG")


@functools.cache
def tokenizer(style: str):
    """A unigram tokenizer trained on our sentences with T5's template and sentinels, or ByT5's."""
    if style == "bytes":
        return byte_tokenizer()
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.Unigram())
    made.normalizer, made.pre_tokenizer = normalizers.NFKC(), pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    ours = "tag: label: classify: choose: question: context: PER: LOC: $$ 0 1 2 3 4 5 NOUN VERB SHORT LONG X odd even"
    alphabet = sorted(set("".join(tiny.SENTENCES) + ours + "?…()/\\[]-_") - {" "})
    trainer = trainers.UnigramTrainer(
        vocab_size=500, special_tokens=special, unk_token="<unk>", initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator([*tiny.SENTENCES, ours], trainer)
    made.add_special_tokens([AddedToken(f"<extra_id_{n}>", normalized=False) for n in range(20)])
    made.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    )


def configuration(style: str):
    """mT5's configuration for pieces, T5's (as ByT5 has it) for bytes."""
    from transformers import MT5Config, T5Config

    kind = T5Config if style == "bytes" else MT5Config
    return kind(
        vocab_size=len(tokenizer(style)),
        d_model=32,
        d_ff=48,
        d_kv=12,
        num_layers=3,
        num_decoder_layers=2,
        num_heads=2,
        dropout_rate=0.0,
        feed_forward_proj="gated-gelu",
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
        tie_word_embeddings=False,
    )


def model(style: str = "sentencepiece", *, seed: int = 0):
    """A model whose output layer is its own."""
    from transformers import MT5ForConditionalGeneration, T5ForConditionalGeneration

    torch.manual_seed(seed)
    kind = T5ForConditionalGeneration if style == "bytes" else MT5ForConditionalGeneration
    return text_to_text.untied(kind(configuration(style))).eval()


def transfer_model(head, labels, style: str = "sentencepiece", *, seed: int = 0) -> TextToTextModel:
    empty = {"task": torch.nn.Identity()}
    options = {"tokenizer": tokenizer(style), "labels": {"task": labels}}
    return TextToTextModel(model(style, seed=seed), {"task": head}, empty, **options)


def examples_of(kind: str):
    """Examples and labels; ``tagging/words`` is tagging without spans."""
    import dataclasses

    examples, labels = tiny.examples_of(kind.partition("/")[0])
    if kind == "tagging/words":
        renamed = dict(zip(labels, PER_WORD, strict=True))
        examples = [dataclasses.replace(e, tags=tuple(renamed[tag] for tag in e.tags)) for e in examples]
        return examples, PER_WORD
    return examples, labels


def encode(head, examples, labels=(), *, style="sentencepiece", max_length=None, training=False) -> list[dict]:
    length = max_length or LENGTH[style]
    tok = tokenizer(style)
    return list(head.encode(examples, tokenizer=tok, labels=labels, max_length=length, training=training))


def batch_of(head, rows: list[dict]) -> dict[str, torch.Tensor]:
    packed = tiny.pack(rows)
    return to_tensors(collate(packed, np.arange(len(rows)), pad_id=0, columns=head.columns), torch.device("cpu"))


def unpacked(rows: list[dict]) -> list[dict]:
    packed: Rows = tiny.pack(rows)
    return [packed.row(i) for i in range(len(packed))]


def source_of(row: dict) -> list[int]:
    return [token for token, part in zip(row["input_ids"], row["part"], strict=True) if part == 0]


def target_of(row: dict) -> list[int]:
    return [token for token, part in zip(row["input_ids"], row["part"], strict=True) if part == 1]


def dictate(head, examples, labels=(), *, style="sentencepiece", max_length=None) -> list:
    """Predictions where the model writes exactly what it would be trained to write."""
    options = {"style": style, "max_length": max_length}
    trained = encode(head, examples, labels, training=True, **options)
    rows = encode(head, examples, labels, **options)
    by_source: dict[tuple, list[int]] = {(row["example"], *source_of(row)): target_of(row) for row in trained}
    targets = [by_source[row["example"], *row["input_ids"]] for row in rows]
    writer = Dictated(tokenizer(style), labels, targets)
    outputs = head.predict(writer, torch.zeros(len(rows), 1, 1), batch_of(head, rows))
    return head.decode(outputs, unpacked(rows), examples, labels=labels)
