"""Loads models and tokenizers, and finds the parts of a model: safetensors only, never code from a checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.errors import CheckpointError
from xstilts.models import eight_bits
from xstilts.models.bytes import byte_tokenizer
from xstilts.models.preflight.casing import SETTING
from xstilts.models.preflight.tokenizer import keeps_capitals
from xstilts.models.reference import architecture_in, reads_bytes
from xstilts.models.versions import mend_modernbert

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


IN_PARTS = (
    (("vocab_transform", "activation", "vocab_layer_norm"), "vocab_projector"),  # DistilBERT
    (("generator_predictions",), "generator_lm_head"),  # ELECTRA
)
"""Masked-LM heads that are not one module: the names of their parts, and of the projection behind them."""


def load_tokenizer(directory: Path) -> PreTrainedTokenizerBase:
    """The fast tokenizer of a checkpoint.

    Raises:
        CheckpointError: there is none, or it cannot be used (no padding token, not a fast one).
    """
    from transformers import AutoTokenizer

    if reads_bytes(directory):
        return byte_tokenizer()
    mend_modernbert()
    own = {SETTING: False} if keeps_capitals(directory) else {}
    try:
        tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True, trust_remote_code=False, **own)
    except Exception as error:  # transformers raises whatever its readers meet: all of it is an unusable tokenizer
        raise CheckpointError(f"its tokenizer cannot be loaded: {_first_line(error)}", where=directory) from None
    if not tokenizer.is_fast:
        raise CheckpointError("its tokenizer has no fast version, which spans need", where=directory)
    if (directory / "config.json").exists():  # a tokenizer that was trained here has none beside it
        architecture_in(directory).close(tokenizer, directory)
    if tokenizer.pad_token_id is None:
        raise CheckpointError("its tokenizer has no padding token", where=directory)
    return tokenizer


def pretrained(
    auto: Any,  # noqa: ANN401 – one of transformers' auto classes
    directory: Path,
    options: Callable[[], Mapping[str, Any]] = dict,
) -> PreTrainedModel:
    """The model of a checkpoint in fp32.

    Args:
        auto: what builds it of the configuration.
        directory: a Hugging Face model directory.
        options: reads further options for ``auto``.

    Raises:
        CheckpointError: it cannot be loaded, or does not hold all weights of the model without a head.
    """
    import torch

    model: PreTrainedModel
    mend_modernbert()
    own: dict[str, Any] = {"use_safetensors": True, "trust_remote_code": False}
    source: Path | None = directory
    try:
        if eight_bits.is_in_eight_bits(directory):
            source, (auto, own) = None, _in_memory(auto, directory)
        model, found = auto.from_pretrained(
            source,
            local_files_only=True,
            dtype=torch.float32,
            output_loading_info=True,
            **own,
            **options(),
        )
    except CheckpointError:
        raise
    except Exception as error:  # transformers raises whatever its readers meet: all of it is an unusable checkpoint
        raise CheckpointError(f"its weights cannot be loaded: {_first_line(error)}", where=directory) from None
    if missing := _missing_weights(model, found["missing_keys"]):
        raise CheckpointError(f"holds no weights for {len(missing)} parts, e.g. {missing[0]}", where=directory)
    return model


def configuration(directory: Path) -> dict[str, Any]:
    """The config.json of a directory."""
    found: dict[str, Any] = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    return found


def base_of(model: PreTrainedModel) -> PreTrainedModel:
    """The encoder without a language-model head."""
    base: PreTrainedModel = getattr(model, model.base_model_prefix, model)
    return base


def language_model_head(model: PreTrainedModel) -> tuple[torch.nn.Module, torch.nn.Linear | None]:
    """The masked-LM head: what acts on a hidden state, and the projection to the vocabulary after it.

    The projection is None where the first part ends in the vocabulary already (BERT's and XLM-R's heads).

    Raises:
        CheckpointError: the architecture's head has neither of the known forms.
    """
    import torch

    head, decoder = getattr(model, "head", None), getattr(model, "decoder", None)
    if isinstance(head, torch.nn.Module) and isinstance(decoder, torch.nn.Linear):  # ModernBERT and its like
        return head, decoder
    for parts, projection in IN_PARTS:
        pieces = [piece for name in parts if isinstance(piece := getattr(model, name, None), torch.nn.Module)]
        last = getattr(model, projection, None)
        if len(pieces) == len(parts) and isinstance(last, torch.nn.Linear):
            return torch.nn.Sequential(*pieces), last
    for name in ("lm_head", "cls"):
        whole = getattr(model, name, None)
        if isinstance(whole, torch.nn.Module):
            return whole, None
    raise CheckpointError(f"no masked-LM head is known for {type(model).__name__}")


def encoder_layers(model: PreTrainedModel) -> torch.nn.ModuleList | None:
    """The list of transformer layers, where the architecture keeps them in one list."""
    import torch

    wanted = model.config.num_hidden_layers
    lists = [m for m in model.modules() if isinstance(m, torch.nn.ModuleList) and len(m) == wanted]
    return lists[0] if len(lists) == 1 else None


def _in_memory(auto: Any, directory: Path) -> tuple[Any, dict[str, Any]]:  # noqa: ANN401
    """Of a directory in 8 bits: the class that an auto class would build, and its configuration and weights."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(directory, local_files_only=True, trust_remote_code=False)
    found = auto._model_mapping[type(config)]  # an auto class itself takes no weights that are in memory
    build = found[0] if isinstance(found, list | tuple) else found
    return build, {"config": config, "state_dict": eight_bits.read(directory)}


def _missing_weights(model: PreTrainedModel, names: Iterable[str]) -> list[str]:
    """The encoder's own weights among ``names``: transformers would draw them anew, with no more than a warning."""
    base = "" if base_of(model) is model else f"{model.base_model_prefix}."
    return sorted(name for name in names if name.startswith(base) and "pooler" not in name)


def _first_line(error: Exception) -> str:
    """What an error says, without what follows."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
