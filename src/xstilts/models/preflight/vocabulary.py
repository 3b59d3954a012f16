"""The pieces of a tokenizer, read off its files: which there are, and the largest number that it can give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from xstilts.models.preflight.library import TokenizerClass
from xstilts.models.preflight.problems import Problems

SENTENCEPIECE = ("sentencepiece.bpe.model", "tokenizer.model", "spiece.model", "spm.model")
JSON, PIECES, BPE, MERGES = "tokenizer.json", "vocab.txt", "vocab.json", "merges.txt"


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The pieces of a tokenizer.

    Attributes:
        file: that holds them.
        numbers: piece → number.
        largest: the largest number.
        backend: the table of tokenizer.json, without which it is as its class makes it.
    """

    file: str
    numbers: Mapping[str, int]
    largest: int
    backend: Mapping[str, Any] | None = None

    @property
    def padding(self) -> str | None:
        """The token that tokenizer.json itself pads with, where it does."""
        told = self.backend.get("padding") if self.backend else None
        token = told.get("pad_token") if isinstance(told, dict) else None
        return token if isinstance(token, str) else None


def read_vocabulary(problems: Problems, described: TokenizerClass | None = None) -> Vocabulary | None:
    """The vocabulary, from the file that transformers reads; None where there is none, or it cannot be read.

    Args:
        problems: gets what is wrong with it.
        described: the tokenizer's class, whose files go first.
    """
    if _named(problems, JSON):
        return _of_json(problems)
    own = described.files if described else ()
    for name in sorted(_READERS, key=lambda name: name not in own):
        if problems.has(name):
            return _READERS[name](problems, name)
    return None


def _named(problems: Problems, name: str) -> bool:
    return (problems.folder / name).exists() or name in problems.unusable


def _of_json(problems: Problems) -> Vocabulary | None:
    """Of a tokenizer as the tokenizers library writes it: a table or a list of pieces, and tokens that were added."""
    table = problems.table(JSON)
    if table is None:
        return None
    model, added = table.get("model"), table.get("added_tokens") or ()
    pieces = model.get("vocab") if isinstance(model, dict) else None
    try:
        if isinstance(pieces, list):
            numbers = {piece[0]: number for number, piece in enumerate(pieces)}
        else:
            numbers = {str(piece): int(number) for piece, number in pieces.items()}  # type: ignore[union-attr]
        numbers.update({str(token["content"]): int(token["id"]) for token in added})
    except (AttributeError, LookupError, TypeError, ValueError):
        problems.add("not a tokenizer: it holds no vocabulary that can be read", file=JSON)
        return None
    return _vocabulary(problems, JSON, numbers, backend=table)


def _of_lines(problems: Problems, name: str) -> Vocabulary | None:
    """Of a vocab.txt: a piece a line, numbered from 0."""
    try:
        lines = (problems.folder / name).read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        problems.add(f"not a list of pieces in UTF-8: {error}", file=name)
        return None
    if lines and not lines[-1]:
        lines.pop()
    return _vocabulary(problems, name, {piece: number for number, piece in enumerate(lines)})


def _of_table(problems: Problems, name: str) -> Vocabulary | None:
    """Of a vocab.json and its merges.txt."""
    table = problems.table(name)
    if table is None:
        return None
    if not problems.has(MERGES) and MERGES not in problems.unusable:
        problems.add(f"holds {name} without {MERGES}: no text can be cut into pieces by it")
        return None
    if not all(isinstance(number, int) for number in table.values()):
        problems.add("not a vocabulary: a piece in it has no number", file=name)
        return None
    return _vocabulary(problems, name, table)


def _of_sentencepiece(problems: Problems, name: str) -> Vocabulary | None:
    """Of a sentencepiece model; models shift its numbers by a few, so that the largest is the least that it can be."""
    from sentencepiece import SentencePieceProcessor

    try:
        model = SentencePieceProcessor(model_file=str(problems.folder / name))
    except (RuntimeError, OSError):
        problems.add("not a sentencepiece model, or a damaged one", file=name, hint="download it again")
        return None
    return _vocabulary(problems, name, {model.id_to_piece(number): number for number in range(model.vocab_size())})


def _vocabulary(
    problems: Problems, file: str, numbers: Mapping[str, int], backend: Mapping[str, Any] | None = None
) -> Vocabulary | None:
    if not numbers:
        problems.add("its vocabulary is empty", file=file)
        return None
    if not _encodable(numbers):
        problems.add("a piece of its vocabulary is half a character (a lone surrogate)", file=file)
        return None
    return Vocabulary(file=file, numbers=numbers, largest=max(numbers.values()), backend=backend)


_READERS: Mapping[str, Callable[[Problems, str], Vocabulary | None]] = {
    **dict.fromkeys(SENTENCEPIECE, _of_sentencepiece),
    PIECES: _of_lines,
    BPE: _of_table,
}
"""Files of pieces, and what reads each of them."""


def _encodable(pieces: Iterable[str]) -> bool:
    try:
        "".join(pieces).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
