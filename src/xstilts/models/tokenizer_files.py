"""The tokenizer in a model's directory: its files, and itself, loaded once per content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

NAMES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "sentencepiece.bpe.model",
    "tokenizer.model",
    "spiece.model",
    "spm.model",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
)

_LOADED: dict[str, PreTrainedTokenizerBase] = {}
"""The last tokenizer of this process, by the content of its files."""


def files_in(directory: Path) -> dict[str, Path]:
    """The files that decide how text becomes tokens."""
    return {name: directory / name for name in NAMES if (directory / name).exists()}


def tokenizer_in(directory: Path) -> PreTrainedTokenizerBase:
    """The tokenizer; every checkpoint of a run carries the same files, so a warm worker reads them once."""
    from xstilts.models.loading import load_tokenizer

    content = hashlib.sha256(
        b"".join(name.encode() + file.read_bytes() for name, file in files_in(directory).items())
    ).hexdigest()
    if content not in _LOADED:
        _LOADED.clear()
        _LOADED[content] = load_tokenizer(directory)
    return _LOADED[content]
