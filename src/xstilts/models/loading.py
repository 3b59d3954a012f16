"""Loads and saves encoders and tokenizers: safetensors only, never code from a checkpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.errors import CheckpointError
from xstilts.models.architecture import DECODER
from xstilts.models.bytes import byte_tokenizer
from xstilts.models.reference import architecture_in, reads_bytes
from xstilts.models.versions import mend_modernbert

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


SMALL = 24
"""Attention maps (layers × heads) up to which a CPU computes attention without the fused kernel."""


def load_tokenizer(directory: Path) -> PreTrainedTokenizerBase:
    """The fast tokenizer of a checkpoint.

    Raises:
        CheckpointError: there is none, or it cannot be used (no padding token, not a fast one).
    """
    from transformers import AutoTokenizer

    if reads_bytes(directory):
        return byte_tokenizer()
    mend_modernbert()
    try:
        tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # transformers raises whatever its readers meet: all of it is an unusable tokenizer
        raise CheckpointError(f"its tokenizer cannot be loaded: {first_line(error)}", where=directory) from None
    if not tokenizer.is_fast:
        raise CheckpointError("its tokenizer has no fast version, which spans need", where=directory)
    # A tokenizer that was trained here stands alone: it is no decoder's.
    if (directory / "config.json").exists() and architecture_in(directory) == DECODER:
        _close_texts(tokenizer, directory)
    if tokenizer.pad_token_id is None:
        raise CheckpointError("its tokenizer has no padding token", where=directory)
    return tokenizer


def _close_texts(tokenizer: PreTrainedTokenizerBase, directory: Path) -> None:
    """Lets a decoder's tokenizer end every text with its end token, as an encoder's does.

    Decoders' tokenizers put two texts together without a mark, and close nothing. What a text begins with stays.
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


def load_encoder(directory: Path, *, language_model: bool = False) -> PreTrainedModel:
    """The encoder of a checkpoint in fp32; with ``language_model`` together with its masked-LM head.

    Raises:
        CheckpointError: it cannot be loaded, or does not hold all weights of the encoder.
    """
    import torch
    from transformers import AutoModel, AutoModelForMaskedLM

    auto = AutoModelForMaskedLM if language_model else AutoModel
    model: PreTrainedModel
    mend_modernbert()
    try:
        options = {} if language_model else _without_pooler(directory)
        model, found = auto.from_pretrained(
            directory,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            attn_implementation=_attention(_shape_of(directory)),
            output_loading_info=True,
            **options,
        )
    except Exception as error:  # as above: whatever transformers meets is an unusable checkpoint
        raise CheckpointError(f"its weights cannot be loaded: {first_line(error)}", where=directory) from None
    missing = missing_weights(model, found["missing_keys"])
    if missing:
        raise CheckpointError(f"holds no weights for {len(missing)} parts, e.g. {missing[0]}", where=directory)
    return model


def new_encoder(
    checkpoint: str, tokenizer: PreTrainedTokenizerBase, *, seed: int, language_model: bool
) -> PreTrainedModel:
    """``scratch:<checkpoint>`` with weights drawn from ``seed``."""
    import torch
    from transformers import ModernBertForMaskedLM, ModernBertModel

    from xstilts.models.scratch import configuration

    torch.manual_seed(seed)
    config = configuration(checkpoint, tokenizer)
    config._attn_implementation = _attention(config.num_hidden_layers * config.num_attention_heads)
    build: type[PreTrainedModel] = ModernBertForMaskedLM if language_model else ModernBertModel
    return build(config)


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


def _attention(maps: int) -> str:
    """How attention is computed, given the number of attention maps (layers × heads).

    torch's fused kernel is written for long inputs and large models: on a CPU, forward and backward of 32 × 128
    tokens in bf16 took it five times as long as the plain products. Those keep every map for the backward pass,
    which only a small model can afford.
    """
    import torch

    return "eager" if maps <= SMALL and not torch.cuda.is_available() else "sdpa"


def _shape_of(directory: Path) -> int:
    config = _configuration(directory)
    return int(config.get("num_hidden_layers", SMALL)) * int(config.get("num_attention_heads", SMALL))


def _configuration(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    return found


def _without_pooler(directory: Path) -> dict[str, Any]:
    """Heads read token states: the pooler of BERT's relatives would only be dead weight."""
    kind = _configuration(directory).get("model_type")
    return {"add_pooling_layer": False} if kind in {"bert", "roberta", "xlm-roberta", "camembert"} else {}


def missing_weights(model: PreTrainedModel, names: Iterable[str]) -> list[str]:
    """The encoder's own weights among ``names``: transformers would draw them anew, with no more than a warning."""
    base = "" if base_of(model) is model else f"{model.base_model_prefix}."
    return sorted(name for name in names if name.startswith(base) and "pooler" not in name)


def first_line(error: Exception) -> str:
    """What an error says, without what follows."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
