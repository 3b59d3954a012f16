"""A Unigram tokenizer of the experiment's own: trained by sentencepiece, kept as a fast tokenizer.

sentencepiece with one thread gives the same bytes for the same sentences; the trainer of the tokenizers library
does not.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xstilts.errors import ConfigError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
"""Ids 0–4; the order of XLM-R's first four."""


def train(sentences: Sequence[str], *, vocabulary: int, directory: Path) -> PreTrainedTokenizerBase:
    """Trains on ``sentences`` (in their order) and saves a fast tokenizer into ``directory``.

    Args:
        sentences: a capped sample of every language.
        vocabulary: pieces, the special ones among them; fewer where the text does not give as many.
        directory: where ``tokenizer.json`` and its configuration are written.

    Raises:
        ConfigError: too little text for any vocabulary.
    """
    # <pad> and <mask> are added below.
    model = _trained(sentences, vocabulary - 2, characters=vocabulary // 2, normalization="nmt_nfkc")
    fast = _fast(model)
    fast.save_pretrained(directory)
    return fast


def learn(sentences: Sequence[str], *, pieces: int) -> list[tuple[str, float]]:
    """The pieces of a Unigram model of normalised sentences, and their scores, the most probable first.

    Args:
        sentences: a sample of every language, normalised.
        pieces: how many at most; special tokens are not among them.

    Raises:
        ConfigError: too little text.
    """
    from sentencepiece import sentencepiece_model_pb2

    model = _trained(sentences, pieces + 3, characters=pieces // 2, normalization="identity")
    proto = sentencepiece_model_pb2.ModelProto.FromString(model)  # type: ignore[attr-defined]
    return [(piece.piece, piece.score) for piece in proto.pieces[3:]]


def _trained(sentences: Sequence[str], size: int, *, characters: int, normalization: str) -> bytes:
    """A sentencepiece model whose first three pieces are special."""
    import io

    import sentencepiece

    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),
            model_writer=model,
            model_type="unigram",
            vocab_size=size,
            hard_vocab_limit=False,
            character_coverage=coverage(sentences, characters=characters),
            num_threads=1,
            shuffle_input_sentence=False,
            input_sentence_size=0,
            max_sentence_length=4096,
            normalization_rule_name=normalization,
            unk_id=0,
            bos_id=1,
            eos_id=2,
            pad_id=-1,
            train_extremely_large_corpus=False,
            minloglevel=2,
        )
    except RuntimeError as error:
        text = (str(error).strip().splitlines() or ["no reason given"])[-1]
        raise ConfigError(f"no tokenizer can be trained on {len(sentences)} sentences: {text}") from None
    return model.getvalue()


def coverage(sentences: Sequence[str], *, characters: int) -> float:
    """The share of the text that the vocabulary must spell with pieces of its own: 0.9998, less where it is small.

    Args:
        sentences: the training text.
        characters: how many distinct characters there is room for.
    """
    counts = Counter(character for sentence in sentences for character in unicodedata.normalize("NFKC", sentence))
    total = sum(counts.values())
    kept = sum(count for _, count in counts.most_common(characters))
    return min(0.9998, max(0.98, 0.9999 * kept / total)) if total else 0.9998  # 0.98 is the trainer's least


def _fast(serialized: bytes) -> PreTrainedTokenizerBase:
    """A sentencepiece model as a fast tokenizer with XLM-R's templates."""
    from sentencepiece import sentencepiece_model_pb2
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    proto = sentencepiece_model_pb2.ModelProto.FromString(serialized)  # type: ignore[attr-defined]
    lowest = min(piece.score for piece in proto.pieces)
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", lowest - 10.0), ("<mask>", 0.0)]
    pieces += [(piece.piece, piece.score) for piece in proto.pieces[3:]]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_input_names=["input_ids", "attention_mask"],
    )
