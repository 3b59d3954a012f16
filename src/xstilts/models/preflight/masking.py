"""Whether a model directory can learn masked language modelling, which not every run asks of it."""

from __future__ import annotations

from pathlib import Path

from xstilts.errors import CheckpointError
from xstilts.models.preflight import library
from xstilts.models.preflight.configuration import ENCODERS
from xstilts.models.preflight.directory import check_directory
from xstilts.models.preflight.tokenizer import SETTINGS


def check_masking(folder: Path, *, name: str) -> None:
    """Refuses a model that cannot predict masked tokens.

    Args:
        folder: the model directory.
        name: as it was given.

    Raises:
        CheckpointError: it has no token to mask with, or transformers has no masked-LM head for it.
    """
    checked = check_directory(folder, name=name)
    if checked.tokenizer.special.get("mask_token", "") is None:
        hint = f'add "mask_token": "<mask>", or what the model was trained with, to {SETTINGS}'
        text = "its tokenizer has no mask token: masked-LM training is not possible"
        raise CheckpointError(text, where=folder, hint=hint)
    known, kind = library.types_with(ENCODERS), checked.config.get("model_type")
    if known and kind not in known:
        text = f"{library.release()} has no masked-LM head for model_type {kind!r}"
        raise CheckpointError(text, where=folder / "config.json", hint="leave masked LM out, or give another model")
