"""Encoders: every token's state has read the whole input. Our own heads read the states."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.models.architecture import ENCODER, Architecture
from xstilts.models.loading import configuration, pretrained
from xstilts.models.scratch import configuration as scratch_configuration

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SMALL = 24
"""Attention maps (layers × heads) up to which a CPU computes attention without the fused kernel."""


class Encoder(Architecture):
    """BERT, XLM-R, ModernBERT and their like."""

    name = ENCODER
    title = "An encoder"
    family = "auto"
    smallest = "scratch:tiny"
    pretraining = ("masked_lm", "translation_contrast")

    def claims(self, config: Mapping[str, Any]) -> bool:
        """What no other architecture claims is taken for an encoder."""
        return True

    def load(self, directory: Path, *, language_model: bool = False) -> PreTrainedModel:
        """The encoder of a checkpoint, or with ``language_model`` the encoder and its masked-LM head."""
        from transformers import AutoModel, AutoModelForMaskedLM

        def options() -> dict[str, Any]:
            config = configuration(directory)
            maps = int(config.get("num_hidden_layers", SMALL)) * int(config.get("num_attention_heads", SMALL))
            own = {} if language_model else _without_pooler(config)
            return {"attn_implementation": _attention(maps), **own}

        return pretrained(AutoModelForMaskedLM if language_model else AutoModel, directory, options)

    def new(
        self, checkpoint: str, tokenizer: PreTrainedTokenizerBase, *, seed: int, language_model: bool = False
    ) -> PreTrainedModel:
        """``scratch:<checkpoint>`` with weights drawn from ``seed``."""
        import torch
        from transformers import ModernBertForMaskedLM, ModernBertModel

        torch.manual_seed(seed)
        config = scratch_configuration(checkpoint, tokenizer)
        config._attn_implementation = _attention(config.num_hidden_layers * config.num_attention_heads)
        build: type[PreTrainedModel] = ModernBertForMaskedLM if language_model else ModernBertModel
        return build(config)


def _attention(maps: int) -> str:
    """How attention is computed, given the number of attention maps (layers × heads).

    torch's fused kernel is written for long inputs and large models: on a CPU, forward and backward of 32 × 128
    tokens in bf16 took it five times as long as the plain products. Those keep every map for the backward pass,
    which only a small model can afford.
    """
    import torch

    return "eager" if maps <= SMALL and not torch.cuda.is_available() else "sdpa"


def _without_pooler(config: Mapping[str, Any]) -> dict[str, Any]:
    """Heads read token states: the pooler of BERT's relatives would only be dead weight."""
    relatives = {"bert", "roberta", "xlm-roberta", "camembert"}
    return {"add_pooling_layer": False} if config.get("model_type") in relatives else {}


ARCHITECTURE = Encoder()
