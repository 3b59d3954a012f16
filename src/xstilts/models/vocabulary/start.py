"""The vocabulary of the model that a student starts from, as its tokenizer holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.errors import CheckpointError, ConfigError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

UNIGRAM = "Unigram"
SPACE = "▁"
"""Stands for the space before a word."""
KEY = "pretraining.vocabulary"
_FILES = {"vocab.txt": "WordPiece", "vocab.json": "BPE"}
"""What a tokenizer is by its file of pieces, where there is no ``tokenizer.json``."""


@dataclass(frozen=True, kw_only=True)
class StartVocabulary:
    """A tokenizer, and the table that it is written as.

    Attributes:
        tokenizer: of the model.
        table: its ``tokenizer.json``.
        marks: special and other added tokens → number.
    """

    tokenizer: PreTrainedTokenizerBase
    table: Mapping[str, Any]
    marks: Mapping[str, int]

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase) -> StartVocabulary:
        """The vocabulary of a fast tokenizer."""
        table = json.loads(tokenizer.backend_tokenizer.to_str())
        marks = {str(one["content"]): int(one["id"]) for one in table["added_tokens"]}
        named = dict(zip(tokenizer.all_special_tokens, tokenizer.all_special_ids, strict=True))
        return cls(tokenizer=tokenizer, table=table, marks=marks | named)

    @property
    def kind(self) -> str:
        """``Unigram``, ``WordPiece``, ``BPE`` or ``WordLevel``."""
        return str(self.table["model"]["type"])

    @property
    def pieces(self) -> list[str]:
        """Of a Unigram vocabulary, by number."""
        return [piece for piece, _ in self.table["model"]["vocab"]]

    @property
    def scores(self) -> list[float]:
        """Of a Unigram vocabulary, by number."""
        return [score for _, score in self.table["model"]["vocab"]]

    @property
    def unknown(self) -> int:
        """The number of the unknown token.

        Raises:
            CheckpointError: there is none, or text that is not known is spelled in bytes.
        """
        if self.tokenizer.unk_token_id is None or self.table["model"].get("byte_fallback"):
            raise CheckpointError("its tokenizer has no unknown token, or spells unknown text in bytes", where=KEY)
        return int(self.tokenizer.unk_token_id)

    def normalised(self, text: str) -> str:
        """A text as the tokenizer cuts it into pieces."""
        normalizer = self.tokenizer.backend_tokenizer.normalizer
        return str(normalizer.normalize_str(text)) if normalizer is not None else text

    def segmented(self, piece: str) -> list[int]:
        """A piece of another vocabulary in those of this one, unknown ones left out."""
        if self.kind == UNIGRAM:
            backend = self.tokenizer.backend_tokenizer
            whole = backend.token_to_id(piece)
            found = [whole] if whole is not None else [token.id for token in backend.model.tokenize(piece)]
        else:
            found = self.tokenizer.encode(piece.replace(SPACE, " "), add_special_tokens=False)
        return [number for number in found if number != self.tokenizer.unk_token_id]

    def around(self, ordinary: Sequence[str]) -> list[str]:
        """All tokens of a new vocabulary: marks where they are in this one, before or behind the ordinary pieces."""
        numbered = sorted(self.marks, key=self.marks.__getitem__)
        first = next((number for number, mark in enumerate(numbered) if self.marks[mark] != number), len(numbered))
        return [*numbered[:first], *ordinary, *numbered[first:]]


def check_restrictable(directory: Path) -> None:
    """Refuses a directory whose tokenizer cannot be restricted, as far as its files tell; reads no more than JSON.

    Raises:
        ConfigError: it is not a Unigram one.
    """
    file = directory / "tokenizer.json"
    if file.exists():
        kind = json.loads(file.read_text(encoding="utf-8")).get("model", {}).get("type")
    else:
        kind = next((kind for name, kind in _FILES.items() if (directory / name).exists()), None)
    if kind is not None:
        refuse_unless_unigram(str(kind))


def refuse_unless_unigram(kind: str) -> None:
    """A piece of WordPiece or byte-level BPE is reached through others: taking those away changes every text.

    Raises:
        ConfigError: the kind is another than Unigram.
    """
    if kind != UNIGRAM:
        raise ConfigError(
            f"the model's tokenizer is {kind}, whose pieces cannot be restricted; only those of Unigram can",
            where=KEY,
            hint="way: unigram learns new pieces instead",
        )
