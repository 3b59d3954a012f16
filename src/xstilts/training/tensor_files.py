"""Tensors in a safetensors file that carries the SHA-256 of what it holds.

Hashed are the tensors themselves, in memory: no file is read twice, and what is checked is what is used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from xstilts.pipeline.sealed import Damaged

_DIGEST = "sha256"


def save(tensors: Mapping[str, torch.Tensor], file: Path) -> str:
    """Writes tensors; gives their SHA-256."""
    digest = _digest(tensors)
    save_file(dict(tensors), file, metadata={_DIGEST: digest})
    return digest


def load(file: Path, *, expected: str | None = None) -> dict[str, torch.Tensor]:
    """The tensors of a file.

    Args:
        expected: their SHA-256; by default the one that the file carries.

    Raises:
        Damaged: the file is missing, or these are not the tensors that were written.
    """
    try:
        with safe_open(file, framework="pt") as opened:
            carried = (opened.metadata() or {}).get(_DIGEST, "")
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 – not a mapping
    except FileNotFoundError:
        raise Damaged(f"{file.name} is missing") from None
    except (OSError, ValueError, SafetensorError) as error:
        raise Damaged(f"{file.name} cannot be read: {error}") from error
    if _digest(tensors) != (expected or carried):
        raise Damaged(f"{file.name} is damaged: its SHA-256 is not the one that was saved with it")
    return tensors


def _digest(tensors: Mapping[str, torch.Tensor]) -> str:
    hasher = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach()
        hasher.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        hasher.update(tensor.cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return hasher.hexdigest()
