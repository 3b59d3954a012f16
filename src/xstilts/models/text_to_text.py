"""Loads and makes text-to-text models: safetensors only, and the output layer as the checkpoint has it.

mT5 and ByT5 write with a matrix of their own, not with the embedding (T5 1.1). transformers ties both in every
configuration of T5's relatives and lets them apart only where a checkpoint holds two different ones; what it then
reads off the configuration (whether outputs are scaled) would change with the first save. So the configuration is made
to say what the weights are.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from xstilts.errors import CheckpointError
from xstilts.models import scratch_text_to_text
from xstilts.models.loading import first_line, missing_weights

if TYPE_CHECKING:
    import torch
    from transformers import MT5Config, PreTrainedModel, PreTrainedTokenizerBase


def load(directory: Path) -> PreTrainedModel:
    """The whole model of a checkpoint in fp32: encoder, decoder and output layer.

    Raises:
        CheckpointError: it cannot be loaded, or does not hold all weights.
    """
    import torch
    from transformers import AutoModelForSeq2SeqLM

    model: PreTrainedModel
    try:
        model, found = AutoModelForSeq2SeqLM.from_pretrained(
            directory,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:  # transformers raises whatever its readers meet: all of it is an unusable checkpoint
        raise CheckpointError(f"its weights cannot be loaded: {first_line(error)}", where=directory) from None
    missing = missing_weights(model, found["missing_keys"])
    if missing:
        raise CheckpointError(f"holds no weights for {len(missing)} parts, e.g. {missing[0]}", where=directory)
    return _said(model)


def new(
    checkpoint: str, tokenizer: PreTrainedTokenizerBase, *, seed: int, language_model: bool = False
) -> PreTrainedModel:
    """``scratch_text_to_text:<checkpoint>`` with weights drawn from ``seed``; its output layer is its own."""
    import torch
    from transformers import MT5ForConditionalGeneration

    torch.manual_seed(seed)
    config = scratch_text_to_text.configuration(checkpoint, tokenizer)
    return untied(MT5ForConditionalGeneration(cast("MT5Config", config)))


def untied(model: PreTrainedModel) -> PreTrainedModel:
    """Gives a model that was just made an output layer of its own, drawn from torch's generator."""
    import torch

    shape = cast("torch.Tensor", model.get_input_embeddings().weight).shape
    # So that logits start with a variance of 1: what is written first depends on nothing but training.
    model.lm_head.weight = torch.nn.Parameter(torch.randn(shape) * shape[1] ** -0.5)
    getattr(model, "all_tied_weights_keys", {}).pop("lm_head.weight", None)
    return _said(model)


def _said(model: PreTrainedModel) -> PreTrainedModel:
    """The configuration says whether the output layer is the embedding, and whether T5 scales its outputs."""
    output = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    tied = output is not None and output.weight is model.get_input_embeddings().weight
    model.config.tie_word_embeddings = tied
    if hasattr(model.config, "scale_decoder_outputs"):
        model.config.scale_decoder_outputs = tied
    return model
