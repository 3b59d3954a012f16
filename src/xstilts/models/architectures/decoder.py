"""Decoders (causal language models) as readers, trained through LoRA (arXiv 2106.09685)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from xstilts.errors import CheckpointError
from xstilts.models.architecture import Architecture
from xstilts.models.loading import pretrained

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

DECODERS = frozenset(
    {
        *("bloom", "cohere", "cohere2", "exaone4", "falcon", "gemma", "gemma2", "gemma3_text", "glm4", "gpt2"),
        *("gpt_neo", "gpt_neox", "gptj", "granite", "llama", "ministral", "mistral", "modernbert-decoder", "olmo"),
        *("olmo2", "olmo3", "opt", "phi", "phi3", "qwen2", "qwen3", "smollm3", "stablelm", "starcoder2", "xglm"),
    }
)
"""``model_type`` of causal language models: their backbone alone, once saved, no longer says that it is one."""


class Decoder(Architecture):
    """The layers of a causal language model, without what writes tokens."""

    name = "decoder"
    title = "A decoder, trained through LoRA"
    family = "auto_decoder"
    recipe: Mapping[str, Any] = {"lora_rank": 16, "lora_alpha": 32, "lora_dropout": 0.05}

    def claims(self, config: Mapping[str, Any]) -> bool:
        """Encoders that transformers can also run as decoders (BERT and its relatives) are not claimed.

        They name no causal language model among their ``architectures``, or name one beside ``is_decoder: false``.
        """
        if config.get("is_encoder_decoder"):
            return False
        named = [str(name) for name in config.get("architectures") or ()]
        return config.get("model_type") in DECODERS or any(name.endswith("ForCausalLM") for name in named)

    def load(self, directory: Path, *, language_model: bool = False) -> PreTrainedModel:
        """The layers of a checkpoint."""
        from transformers import AutoModel

        model = pretrained(AutoModel, directory)
        model.config.use_cache = False  # nothing is written, so nothing is kept for the next token
        return model

    def adapt(self, model: PreTrainedModel, *, seed: int, settings: Mapping[str, Any] | None = None) -> PreTrainedModel:
        """The model with its weights frozen and a low-rank update beside every matrix, which alone is trained.

        Raises:
            CheckpointError: peft is not installed.
        """
        import torch

        try:
            from peft import LoraConfig, get_peft_model
        except ImportError:
            raise CheckpointError(
                "decoders are trained through LoRA, which needs peft",
                where="model",
                hint="pip install 'xstilts[lora]'",
            ) from None
        torch.manual_seed(seed)
        chosen = {**self.recipe, **(settings or {})}
        config = LoraConfig(
            r=chosen["lora_rank"],
            lora_alpha=chosen["lora_alpha"],
            lora_dropout=chosen["lora_dropout"],
            target_modules="all-linear",
        )
        with warnings.catch_warnings():  # peft asks transformers under a name that will change
            warnings.simplefilter("ignore", FutureWarning)
            return cast("PreTrainedModel", get_peft_model(model, config))

    def merge(self, model: PreTrainedModel) -> PreTrainedModel:
        """The model with its updates added to its weights, from which the next phase starts.

        A model without updates is given back as it is.
        """
        merge = getattr(model, "merge_and_unload", None)
        return model if merge is None else cast("PreTrainedModel", merge())

    def close(self, tokenizer: PreTrainedTokenizerBase, directory: Path) -> None:
        """Lets the tokenizer end every text with its end token, as an encoder's does.

        Decoders' tokenizers put two texts together without a mark, and close nothing. What a text begins with stays.

        Raises:
            CheckpointError: it has no end token.
        """
        from tokenizers.processors import TemplateProcessing

        if tokenizer.eos_token_id is None:
            raise CheckpointError("its tokenizer has no end token", where=directory)
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        probe = tokenizer.backend_tokenizer.encode("a")
        before = probe.tokens[: probe.sequence_ids.index(0)]
        marks = {token: tokenizer.convert_tokens_to_ids(token) for token in (*before, tokenizer.eos_token)}
        one = [*before, "$A", tokenizer.eos_token]
        tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
            single=one,
            pair=[*one, "$B", tokenizer.eos_token],
            special_tokens=list(marks.items()),
        )


ARCHITECTURE = Decoder()
