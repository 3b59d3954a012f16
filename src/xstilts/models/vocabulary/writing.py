"""Writes a tokenizer with other pieces: the same normaliser, special tokens and templates under new numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xstilts.errors import CheckpointError
from xstilts.models.student import EMBEDDING, ROWS
from xstilts.models.vocabulary.start import KEY, SPACE, UNIGRAM, StartVocabulary

NAMED = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
_AS_THEY_ARE = frozenset({"ByteLevel"})

Piece = tuple[str, float]
"""A piece and its score."""


def write_tokenizer(start: StartVocabulary, vocabulary: Sequence[Piece], directory: Path) -> None:
    """Writes ``tokenizer.json`` and ``tokenizer_config.json``.

    Args:
        start: whose normaliser, special tokens and templates are taken over.
        vocabulary: all pieces with their scores, marks among them, in the order of their numbers.
        directory: that they are written into.

    Raises:
        CheckpointError: special tokens are put around a text by something that cannot be renumbered.
    """
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    numbers = {piece: number for number, (piece, _) in enumerate(vocabulary)}
    old = start.tokenizer
    special = {name: str(token) for name in NAMED if (token := getattr(old, name, None)) is not None}
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=Tokenizer.from_str(json.dumps(_table(start, vocabulary, numbers))),
        model_max_length=old.model_max_length,
        model_input_names=list(old.model_input_names),
        padding_side=old.padding_side,
        **special,
    )
    fast.save_pretrained(directory)


def write_embedding(rows: npt.NDArray[np.float32], directory: Path) -> None:
    """Writes the rows of the pieces [pieces, hidden], in the order of their numbers."""
    from safetensors.numpy import save_file

    save_file({ROWS: np.ascontiguousarray(rows)}, directory / EMBEDDING)


def rows_of(
    start: StartVocabulary, pieces: Sequence[str], embedding: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """The first rows of a new vocabulary [pieces, hidden].

    A piece that the model has keeps its row; another gets the mean of the rows by which the model spells it, or the
    row of the unknown token where it does not know any of it.

    Args:
        start: the model's vocabulary.
        pieces: of the new one, marks among them.
        embedding: the model's rows [vocabulary, hidden].
    """
    rows = np.empty((len(pieces), embedding.shape[1]), dtype=np.float32)
    for number, piece in enumerate(pieces):
        known = start.marks.get(piece)
        found = [known] if known is not None else start.segmented(piece)
        found = found or [start.unknown]
        rows[number] = embedding[found[0]] if len(found) == 1 else embedding[found].mean(axis=0, dtype=np.float64)
    return rows


def _table(start: StartVocabulary, vocabulary: Sequence[Piece], numbers: Mapping[str, int]) -> dict[str, Any]:
    """The ``tokenizer.json``."""
    table = {**start.table, "truncation": None, "padding": None}
    model = {"type": UNIGRAM, "unk_id": numbers[str(start.tokenizer.unk_token)], "byte_fallback": False}
    table["model"] = {**model, "vocab": [[piece, score] for piece, score in vocabulary]}
    added = [{**one, "id": numbers[one["content"]]} for one in start.table["added_tokens"]]
    table["added_tokens"] = sorted(added, key=lambda one: int(one["id"]))
    table["post_processor"] = _renumbered(start.table["post_processor"], numbers)
    if start.kind != UNIGRAM:  # which marks the beginnings of words in a way of its own
        space = {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True}
        table["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, space]}
        table["decoder"] = space
    return table


def _renumbered(processor: Mapping[str, Any] | None, numbers: Mapping[str, int]) -> dict[str, Any] | None:
    """What puts special tokens around a text, with their new numbers."""
    if processor is None:
        return None
    kind = processor["type"]
    if kind == "Sequence":
        return {**processor, "processors": [_renumbered(one, numbers) for one in processor["processors"]]}
    if kind == "TemplateProcessing":
        special = {
            name: {**told, "ids": [numbers[token] for token in told["tokens"]]}
            for name, told in processor["special_tokens"].items()
        }
        return {**processor, "special_tokens": special}
    if kind in {"BertProcessing", "RobertaProcessing"}:
        return {**processor, **{name: [processor[name][0], numbers[processor[name][0]]] for name in ("sep", "cls")}}
    if kind in _AS_THEY_ARE:
        return dict(processor)
    raise CheckpointError(f"its tokenizer puts special tokens around a text by {kind}, which is not known", where=KEY)
