"""How another vocabulary segments a text: by how much longer it gets, and how much of it stays as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Encoding
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One text under two tokenizers.

    Attributes:
        sentences: lines of the text.
        characters: of the text.
        tokens_before: under the first tokenizer.
        tokens: under the second.
        sentences_unchanged: lines that both cut into the same pieces.
        tokens_unchanged: tokens of the first that the second has, too: the same piece of the same characters.
        unknown_before: unknown tokens under the first.
        unknown: under the second.
    """

    sentences: int
    characters: int
    tokens_before: int
    tokens: int
    sentences_unchanged: int
    tokens_unchanged: int
    unknown_before: int
    unknown: int

    def record(self) -> dict[str, float]:
        """The counts, and what they say: growth in tokens, shares of what is unchanged."""
        return {
            **asdict(self),
            "growth": round(self.tokens / max(1, self.tokens_before), 4),
            "share_of_sentences_unchanged": round(self.sentences_unchanged / max(1, self.sentences), 4),
            "share_of_tokens_unchanged": round(self.tokens_unchanged / max(1, self.tokens_before), 4),
        }


def compare(lines: Sequence[str], before: PreTrainedTokenizerBase, after: PreTrainedTokenizerBase) -> Comparison:
    """Segments lines with both tokenizers."""
    old = before.backend_tokenizer.encode_batch(list(lines), add_special_tokens=False)
    new = after.backend_tokenizer.encode_batch(list(lines), add_special_tokens=False)
    same = [
        (_tokens(one, before.unk_token_id) & _tokens(other, after.unk_token_id)).total()
        for one, other in zip(old, new, strict=True)
    ]
    pairs = list(zip(old, new, same, strict=True))
    return Comparison(
        sentences=len(lines),
        characters=sum(map(len, lines)),
        tokens_before=sum(len(one.ids) for one in old),
        tokens=sum(len(one.ids) for one in new),
        sentences_unchanged=sum(len(one.ids) == len(other.ids) == common for one, other, common in pairs),
        tokens_unchanged=sum(same),
        unknown_before=_unknown(old, before),
        unknown=_unknown(new, after),
    )


def _tokens(encoded: Encoding, unknown: int | None) -> Counter[tuple[tuple[int, int], str]]:
    """The pieces and the characters that they are of; an unknown token is the same as another one alone."""
    pieces = ["" if number == unknown else piece for number, piece in zip(encoded.ids, encoded.tokens, strict=True)]
    return Counter(zip(encoded.offsets, pieces, strict=True))


def _unknown(encoded: Sequence[Encoding], tokenizer: PreTrainedTokenizerBase) -> int:
    return sum(one.ids.count(tokenizer.unk_token_id) for one in encoded)
