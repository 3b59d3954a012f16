"""The sizes of a model, read off its config.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xstilts.models.family import Shape

GATED = frozenset({"modernbert", "eurobert", "llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text"})
RELATIVE = 1024
"""Tokens that a model with relative positions takes in: T5's and its relatives' inputs of pretraining."""


def encoder_shape(config: Mapping[str, Any]) -> Shape | None:
    """The shape in the names that most models use, or None where the configuration does not say all of it."""
    keys = ("num_hidden_layers", "hidden_size", "intermediate_size", "num_attention_heads", "vocab_size")
    sizes = _integers(config, keys)
    if sizes is None:
        return None
    layers, hidden, intermediate, heads, vocabulary = sizes
    return Shape(
        layers=layers,
        hidden=hidden,
        intermediate=intermediate,
        heads=heads,
        vocabulary=vocabulary,
        gated=config.get("model_type") in GATED,
        positions=_positions(config),
        head_size=config.get("head_dim"),
        key_heads=config.get("num_key_value_heads"),
    )


def text_to_text_shape(config: Mapping[str, Any]) -> Shape | None:
    """The shape in T5's names, or BART's."""
    names = (
        ("num_layers", "d_model", "d_ff", "num_heads", "vocab_size")
        if "d_ff" in config
        else ("encoder_layers", "d_model", "encoder_ffn_dim", "encoder_attention_heads", "vocab_size")
    )
    sizes = _integers(config, names)
    if sizes is None:
        return None
    layers, hidden, intermediate, heads, vocabulary = sizes
    decoder_layers = config.get("num_decoder_layers") or config.get("decoder_layers") or layers
    return Shape(
        layers=layers,
        hidden=hidden,
        intermediate=intermediate,
        heads=heads,
        vocabulary=vocabulary,
        gated=str(config.get("feed_forward_proj", "")).startswith("gated"),
        positions=int(config.get("max_position_embeddings", RELATIVE)),
        head_size=config.get("d_kv"),
        decoder_layers=int(decoder_layers),
        tied=config.get("tie_word_embeddings", True) is not False,
    )


def _integers(config: Mapping[str, Any], names: tuple[str, ...]) -> list[int] | None:
    found = [value for name in names if isinstance(value := config.get(name), int)]
    return found if len(found) == len(names) else None


def _positions(config: Mapping[str, Any]) -> int:
    """The longest input: RoBERTa and its relatives count positions from behind the padding id."""
    table = int(config.get("max_position_embeddings", 512))
    if config.get("model_type") in {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert"}:
        return table - int(config.get("pad_token_id", 1)) - 1
    return table
