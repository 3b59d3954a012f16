"""The tokenizer of a model by name, without the model: its weights are neither fetched nor read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xstilts.errors import CheckpointError
from xstilts.models.reference import resolve
from xstilts.models.tokenizer_files import files_in

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def named_tokenizer(name: str, *, lock: Path) -> PreTrainedTokenizerBase:
    """The tokenizer of ``family:checkpoint``, a directory (of a model, or of a tokenizer alone) or a hub id.

    Args:
        name: as `resolve` takes it.
        lock: keeps the revisions of hub repositories.

    Raises:
        UserError: no such model, or it has no tokenizer that can be used.
    """
    from xstilts.models.bytes import byte_tokenizer
    from xstilts.models.hub import fetch_tokenizer, resolve_revision
    from xstilts.models.loading import load_tokenizer

    folder = Path(name).expanduser()
    if folder.is_dir() and not (folder / "config.json").exists() and files_in(folder):
        return load_tokenizer(folder)
    model = resolve(name)
    if model.scratch:
        raise CheckpointError(f"{name} starts from scratch: it has no tokenizer before its pretraining", where="model")
    if model.described.in_bytes:
        return byte_tokenizer()
    if model.directory:
        return load_tokenizer(model.directory)
    assert model.repository
    revision = resolve_revision(model.repository, lock=lock, revision=model.revision)
    return load_tokenizer(fetch_tokenizer(model.repository, revision))
