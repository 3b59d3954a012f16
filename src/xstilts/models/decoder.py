"""Loads decoders (causal language models) as readers, and trains them through LoRA (arXiv 2106.09685)."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from xstilts.errors import CheckpointError
from xstilts.models.loading import first_line, missing_weights

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

RANK, ALPHA, DROPOUT = 16, 32, 0.05


def load(directory: Path) -> PreTrainedModel:
    """The layers of a checkpoint in fp32, without what writes tokens.

    Raises:
        CheckpointError: it cannot be loaded, or does not hold all weights of its layers.
    """
    import torch
    from transformers import AutoModel

    model: PreTrainedModel
    try:
        model, found = AutoModel.from_pretrained(
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
    model.config.use_cache = False  # nothing is written, so nothing is kept for the next token
    return model


def adapted(model: PreTrainedModel) -> torch.nn.Module:
    """The model with its weights frozen and a low-rank update beside every matrix, which alone is trained.

    Raises:
        CheckpointError: peft is not installed.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError:
        raise CheckpointError(
            "decoders are trained through LoRA, which needs peft", where="model", hint="pip install 'xstilts[lora]'"
        ) from None
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=DROPOUT, target_modules="all-linear")
    with warnings.catch_warnings():  # peft asks transformers under a name that will change
        warnings.simplefilter("ignore", FutureWarning)
        found: torch.nn.Module = get_peft_model(model, config)
    return found


def merged(model: torch.nn.Module) -> torch.nn.Module:
    """The model with its updates added to its weights: a checkpoint like any other, from which the next phase starts.

    A model without updates is given back as it is.
    """
    merge = getattr(model, "merge_and_unload", None)
    return model if merge is None else merge()
