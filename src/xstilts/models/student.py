"""A student that starts from a larger model: some of its layers, and pieces of its own."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.errors import CheckpointError
from xstilts.models.loading import base_of, encoder_layers
from xstilts.models.shapes import FROM_PADDING

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

EMBEDDING, ROWS = "embedding.safetensors", "word_embeddings"
"""The file and the tensor that hold the rows of a student's own pieces."""


def with_pieces(model: PreTrainedModel, directory: Path, tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
    """The model with other pieces, whose rows are in a directory.

    Raises:
        CheckpointError: they do not fit the model, or the tokenizer.
    """
    import torch
    from safetensors.torch import load_file

    rows_VD = load_file(directory / EMBEDDING)[ROWS]
    config: Any = base_of(model).config
    if rows_VD.shape[1] != config.hidden_size or len(rows_VD) < len(tokenizer):
        given = "×".join(map(str, rows_VD.shape))
        raise CheckpointError(
            f"{ROWS} is {given}; {len(tokenizer)}×{config.hidden_size} is expected", where=directory / EMBEDDING
        )
    if config.model_type in FROM_PADDING and config.pad_token_id != tokenizer.pad_token_id:
        raise CheckpointError(
            f"the padding token must keep its number {config.pad_token_id}, from which positions are counted",
            where=directory,
        )
    model.resize_token_embeddings(len(rows_VD), mean_resizing=False)
    with torch.no_grad():
        table: Any = model.get_input_embeddings()
        table.weight.copy_(rows_VD)
    for name in ("pad", "bos", "eos", "cls", "sep"):
        if getattr(config, f"{name}_token_id", None) is not None:
            setattr(config, f"{name}_token_id", getattr(tokenizer, f"{name}_token_id"))
    return model


def with_layers(model: PreTrainedModel, kept: Sequence[int]) -> PreTrainedModel:
    """A model of the same class with some of the layers, counted from 1.

    Raises:
        CheckpointError: the model does not keep its layers in one list, or one cannot be where it would be.
    """
    layers = encoder_layers(base_of(model))
    if layers is None:
        raise CheckpointError(f"it is not known where a {type(model).__name__} keeps its layers: none can be left out")
    config = copy.deepcopy(model.config)
    config.num_hidden_layers = len(kept)
    if isinstance(kinds := getattr(config, "layer_types", None), list):
        config.layer_types = [kinds[number - 1] for number in kept]
    student = type(model)(config, **_options(model))
    missing, unexpected = student.load_state_dict(_renamed(model, layers, kept), strict=False)
    if wrong := [*missing, *unexpected]:
        raise CheckpointError(
            f"layers {', '.join(map(str, kept))} of a {type(model).__name__} do not make a model: {wrong[0]} "
            f"{'has no weights' if missing else 'has no place'}",
            hint="layer 1 may have to be the first",
        )
    return student


def _options(model: Any) -> dict[str, bool]:  # noqa: ANN401
    """How a model like this one is built, pooler or none."""
    return {"add_pooling_layer": False} if hasattr(model, "pooler") and model.pooler is None else {}


def _renamed(model: PreTrainedModel, layers: torch.nn.ModuleList, kept: Sequence[int]) -> dict[str, torch.Tensor]:
    """The weights under the names that they have in a model of the kept layers alone."""
    prefix = next(f"{name}." for name, module in model.named_modules() if module is layers)
    place = {str(number - 1): str(new) for new, number in enumerate(kept)}
    found = {}
    for name, tensor in model.state_dict().items():
        if not name.startswith(prefix):
            found[name] = tensor
            continue
        number, _, rest = name.removeprefix(prefix).partition(".")
        if number in place:
            found[f"{prefix}{place[number]}.{rest}"] = tensor
    return found


def without_dropout(model: torch.nn.Module) -> None:
    """Makes a model compute the same in training as out of it; what its configuration says of later trainings stays."""
    import torch

    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        for name in ("attention_dropout", "dropout_prob"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
