"""Which heads fit a checkpoint, read off its config.json: an encoder, a text-to-text model or a decoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ENCODER, TEXT_TO_TEXT, DECODER = "encoder", "text_to_text", "decoder"
ARCHITECTURES = (ENCODER, TEXT_TO_TEXT, DECODER)

DECODERS = frozenset(
    {
        *("bloom", "cohere", "cohere2", "exaone4", "falcon", "gemma", "gemma2", "gemma3_text", "glm4", "gpt2"),
        *("gpt_neo", "gpt_neox", "gptj", "granite", "llama", "ministral", "mistral", "modernbert-decoder", "olmo"),
        *("olmo2", "olmo3", "opt", "phi", "phi3", "qwen2", "qwen3", "smollm3", "stablelm", "starcoder2", "xglm"),
    }
)
"""``model_type`` of causal language models: their backbone alone, once saved, no longer says that it is one."""


def architecture_of(config: Mapping[str, Any]) -> str:
    """``encoder``, ``text_to_text`` or ``decoder``.

    Encoders that transformers can also run as decoders (BERT and its relatives) name no causal language model among
    their ``architectures``, or name one beside ``is_decoder: false``.
    """
    if config.get("is_encoder_decoder"):
        return TEXT_TO_TEXT
    if config.get("model_type") in DECODERS:
        return DECODER
    named = [str(name) for name in config.get("architectures") or ()]
    return DECODER if any(name.endswith("ForCausalLM") for name in named) else ENCODER
