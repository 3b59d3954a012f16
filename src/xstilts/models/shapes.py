"""The sizes of a model, read off its config.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xstilts.models.family import Shape

GATED = frozenset({"modernbert", "eurobert", "llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text"})
RELATIVE = 1024
"""Tokens that a model with relative positions takes in: T5's and its relatives' inputs of pretraining."""
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "layers": ("num_hidden_layers", "n_layers", "n_layer", "num_layers"),
    "hidden": ("hidden_size", "d_model", "dim", "n_embd"),
    "intermediate": ("intermediate_size", "hidden_dim", "n_inner", "d_inner", "d_ff", "ffn_dim"),
    "heads": ("num_attention_heads", "n_heads", "n_head", "num_heads"),
    "vocabulary": ("vocab_size",),
    "positions": (
        "max_position_embeddings",
        "n_positions",
        "max_seq_len",
        "seq_length",
        "n_ctx",
        "max_sequence_length",
    ),
}
"""Each size under the names that configurations of transformers give it, the most common first."""
FROM_PADDING = frozenset(
    {
        *("roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "data2vec-text", "ibert", "lilt", "longformer"),
        *("luke", "mpnet", "roberta-prelayernorm", "xmod"),
    }
)
"""``model_type`` of the models that count positions from behind the padding id, as RoBERTa does."""


def spelled(config: Mapping[str, Any], size: str) -> int | None:
    """A size in a config.json, under whichever name; None where it is not given as a size can be."""
    return next((value for name in SPELLINGS[size] if (value := sized(config.get(name))) is not None), None)


def sized(value: object) -> int | None:
    """A value that can be a size: a whole number above 0, below 2³¹; else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else None


def encoder_shape(config: Mapping[str, Any]) -> Shape | None:
    """The shape under the names that a model uses, or None where the configuration does not say all of it."""
    given = config.get("text_config")
    if isinstance(given, Mapping) and spelled(config, "hidden") is None:
        config = given
    layers, hidden, heads, vocabulary = (spelled(config, size) for size in ("layers", "hidden", "heads", "vocabulary"))
    intermediate = spelled(config, "intermediate")
    if intermediate is None and hidden and "n_inner" in config:  # GPT-2's null: four times the width
        intermediate = 4 * hidden
    if not (layers and hidden and intermediate and heads and vocabulary):
        return None
    return Shape(
        layers=layers,
        hidden=hidden,
        intermediate=intermediate,
        heads=heads,
        vocabulary=vocabulary,
        gated=config.get("model_type") in GATED,
        positions=_positions(config),
        head_size=sized(config.get("head_dim")),
        key_heads=sized(config.get("num_key_value_heads")),
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
    decoder_layers = sized(config.get("num_decoder_layers")) or sized(config.get("decoder_layers")) or layers
    return Shape(
        layers=layers,
        hidden=hidden,
        intermediate=intermediate,
        heads=heads,
        vocabulary=vocabulary,
        gated=str(config.get("feed_forward_proj", "")).startswith("gated"),
        positions=sized(config.get("max_position_embeddings")) or RELATIVE,
        head_size=sized(config.get("d_kv")),
        decoder_layers=decoder_layers,
        tied=config.get("tie_word_embeddings", True) is not False,
    )


def _integers(config: Mapping[str, Any], names: tuple[str, ...]) -> list[int] | None:
    found = [value for name in names if isinstance(value := config.get(name), int)]
    return found if len(found) == len(names) else None


def _positions(config: Mapping[str, Any]) -> int:
    """The longest input: RoBERTa and its relatives count positions from behind the padding id."""
    table = spelled(config, "positions") or 512
    if config.get("model_type") in FROM_PADDING:
        padding = config.get("pad_token_id", 1)
        return table - (padding if isinstance(padding, int) else 1) - 1
    return table
