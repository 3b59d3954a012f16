"""Puts the rows of text-to-text models together: words of ours, texts of the example, and what is to be written.

Parts are tokenised apart and joined, which gives the tokens of the whole text with single spaces between its parts: a
text that occurs in many rows is tokenised once, and only texts of the example are cut where a row is too long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xstilts.errors import CheckpointError, ConfigError
from xstilts.heads.head import Row
from xstilts.heads.inputs import Inputs
from xstilts.heads.text_to_text.writing import SOURCE, TARGET

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ANY = 1 << 30
MOST_SENTINELS = 128
SHORTEST = 4
"""Tokens of the example at least."""


class Texts:
    """Builds rows for one tokenizer.

    Args:
        tokenizer: a fast tokenizer.
        max_length: tokens of a source, special tokens included; left out where only texts are tokenised.

    Raises:
        CheckpointError: the tokenizer is not a fast one.
        ConfigError: ``max_length`` leaves no room for text.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, *, max_length: int = ANY) -> None:
        self.inputs = Inputs(tokenizer, max_length=max_length)
        self.end = int(tokenizer.eos_token_id)
        self.size, self.special = len(tokenizer), frozenset(tokenizer.all_special_ids)
        one, two = self.inputs.tokens(["a", "a a"])
        # Bytes and their like keep the space between two parts as a token of its own.
        self.space = "" if one + one == two else " "

    @property
    def room(self) -> int:
        """Tokens of a source without special ones."""
        return self.inputs.max_length - self.inputs.single.length

    def left(self, fixed: int) -> int:
        """Tokens left for texts of the example beside ``fixed`` ones of ours.

        Raises:
            ConfigError: too few.
        """
        left = self.room - fixed
        if left < SHORTEST:
            least = self.inputs.max_length - left + SHORTEST
            raise ConfigError(f"max_length {self.inputs.max_length} is too short; the minimum is {least}")
        return left

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Each text as it goes on after another one."""
        return self.inputs.tokens([self.space + text for text in texts])

    def first(self, text: str) -> list[int]:
        """The text that opens a row, or all that is written."""
        return self.inputs.tokens([text])[0]

    def labels(self, labels: Sequence[str], *, opens: bool) -> list[list[int]]:
        """How each label is written: as it is, or as its number where the vocabulary cannot tell all labels apart.

        A vocabulary of our own may not even know the digits: there each label is a piece, whatever it stands for.

        Args:
            labels: of a task.
            opens: whether a label is all that is written.

        Raises:
            CheckpointError: there are more labels than pieces.
        """
        for names in (labels, [str(number) for number in range(len(labels))]):
            ids = self.inputs.tokens(names) if opens else self.tokens(names)
            if len({tuple(one) for one in ids if one}) == len(labels):
                return ids
        pieces = [piece for piece in range(self.size) if piece not in self.special]
        if len(pieces) < len(labels):
            raise CheckpointError(f"its vocabulary has {len(pieces)} pieces for {len(labels)} labels")
        return [[piece] for piece in pieces[: len(labels)]]

    def row(self, source: Sequence[int], target: Sequence[int] | None = None) -> Row:
        """A row of a source that fits and, in training, of what is to be written; the end is added to both."""
        template = self.inputs.single
        ids = [*template.prefix, *source, *template.suffix]
        row: Row = {"input_ids": ids}
        if target is not None:
            written = [*target, self.end]
            row["input_ids"] = [*ids, *written]
            row["part"] = [SOURCE] * len(ids) + [TARGET] * len(written)
        return row

    def sentinels(self, count: int) -> list[list[int]]:
        """Marks of ``count`` places: T5's sentinels where the vocabulary has them as pieces, else plain numbers.

        Fewer than ``count`` where there are sentinels, but not as many.
        """
        marks = self.inputs.tokens([f"<extra_id_{number}>" for number in range(min(count, MOST_SENTINELS))])
        whole = next((number for number, ids in enumerate(marks) if len(ids) > 1), len(marks))
        if whole and len({tuple(ids) for ids in marks[:whole]}) == whole:
            return marks[:whole]
        return self.tokens([str(number) for number in range(count)])


def fitting(lengths: Sequence[int], room: int) -> list[int]:
    """Lengths of texts after the longest ones were cut until all fit into ``room``."""
    kept, room = list(lengths), max(0, room)
    while sum(kept) > room:
        longest = max(kept)
        second = max((length for length in kept if length < longest), default=0)
        ties = [place for place, length in enumerate(kept) if length == longest]
        cut = min(longest - second, -(-(sum(kept) - room) // len(ties)))
        for place in ties:
            taken = min(cut, sum(kept) - room)
            kept[place] -= max(0, taken)
    return kept
