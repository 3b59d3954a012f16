"""Directories as a hub has them: three architectures with their tokenizers."""

from __future__ import annotations

from pathlib import Path

import tiny_encoder as tiny
import tiny_runs as runs


def directory(path: Path, shape: str = "modernbert", *, language_model: bool = True, seed: int = 0) -> Path:
    """A checkpoint with its tokenizer."""
    runs.encoder(shape, language_model=language_model, seed=seed).save_pretrained(path)
    tiny.tokenizer(runs.STYLE[shape]).save_pretrained(path)
    return path
