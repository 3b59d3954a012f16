"""A tag for every word, from its first sub-word. B rows, T tokens, D hidden width, L labels.

Sentences longer than ``max_length`` become several rows, cut between words, so that every word is predicted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.columns import TYPED, declared, per_token
from xstilts.heads.decisions import DecidingHead, Decisions
from xstilts.heads.defaults import apply, numpy, projection, unpadded
from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import Inputs, ahead, label_number, numbered
from xstilts.heads.rows import Rows
from xstilts.heads.states import PER_WORD
from xstilts.reading.examples import Example, Tagged

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

NOT_LABELLED = -100
NO_WORD = -1

OUTSIDE = ("O", "X")
"""Tags of a word of which no token is left: outside (IOB2), other (UD); without either the first label."""


class Tagging(DecidingHead):
    """One tag per word.

    A prediction is a tuple of tags, one per token of the example; an output holds ``tag`` [T], label numbers, of which
    those of the tokens that give a word's tag count. The column ``word`` (index of the word that starts at a token) is
    in rows for prediction only.
    """

    kind = "tagging"
    decides_on = PER_WORD
    columns = declared(TYPED, labels=per_token(NOT_LABELLED, use="loss"), word=per_token(NO_WORD))

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """One row per example, or several where it is too long; none where no word has a token.

        Raises:
            UnknownName: a tag that is not in ``labels``.
        """
        inputs = Inputs(tokenizer, max_length=max_length)
        numbers = {label: number for number, label in enumerate(labels)}
        kept = (item for item in numbered(examples, Tagged) if item[1].tags is not None or not training)
        for block, encoded in ahead(kept, lambda block: inputs.words([example.tokens for _, example in block])):
            for (number, example), (tokens, words) in zip(block, encoded, strict=True):
                tags = [label_number(tag, numbers, example) for tag in example.tags or ()]
                first, marked = _first_subwords(words), self.marks(words)
                for start, stop in _cuts(first, inputs.max_length - inputs.single.length):
                    row = inputs.row(tokens[start:stop])
                    row["example"] = number
                    before, after = len(inputs.single.prefix), len(inputs.single.suffix)
                    column = [NO_WORD] * before + marked[start:stop] + [NO_WORD] * after
                    row["labels"] = [tags[word] if tags and word != NO_WORD else NOT_LABELLED for word in column]
                    if not training:
                        row["word"] = column
                    yield row

    def marks(self, words: Sequence[int | None]) -> list[int]:
        """The word whose tag each token gives, NO_WORD where it gives none: a word's first sub-word gives it."""
        return _first_subwords(words)

    def reads(self, batch: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_] | None:
        """The tokens that give a word's tag."""
        found: NDArray[np.bool_] = batch["word"] != NO_WORD if "word" in batch else batch["labels"] != NOT_LABELLED
        return found

    def build(self, *, hidden_size: int, labels: tuple[str, ...], dropout: float) -> torch.nn.Module:
        """A projection to the labels."""
        return projection(hidden_size, len(labels), dropout)

    def decisions(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> Decisions:
        """The tag of each labelled word, which is the unit."""
        chosen_BT = batch["labels"] != NOT_LABELLED
        parts = ((apply(module, hidden_BTD[chosen_BT]), batch["labels"][chosen_BT]),)
        return Decisions(parts=parts, row=chosen_BT.nonzero()[:, 0], ignore=NOT_LABELLED)

    def states(self, hidden_BTD: torch.Tensor, batch: Batch) -> list[torch.Tensor]:
        """The states that give a word's tag, of each row [words, D]."""
        return [hidden_TD[word_T != NO_WORD] for hidden_TD, word_T in zip(hidden_BTD, batch["word"], strict=True)]

    def classes(self, rows: Rows) -> list[NDArray[np.int64]]:
        """The label numbers of each row's words; negative where they are hidden."""
        (label_S, offsets), (word_S, _) = rows.ragged["labels"], rows.ragged["word"]
        spans = zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
        return [label_S[start:end][word_S[start:end] != NO_WORD].astype(np.int64) for start, end in spans]

    def predict(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> list[dict[str, NDArray[Any]]]:
        """``tag`` [T] of each row: the best label number of every token that gives a word's tag, elsewhere 0."""
        best_BT = numpy(apply(module, hidden_BTD).argmax(dim=-1))
        if "word" in batch:  # states of other tokens may not have been computed
            best_BT = np.where(numpy(batch["word"]) == NO_WORD, 0, best_BT)
        return [{"tag": row} for row in unpadded(best_BT, batch)]

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[tuple[str, ...]]:
        """The tags of the first sub-words; words without a token get ``OUTSIDE``."""
        outside = next((tag for tag in OUTSIDE if tag in labels), labels[0])
        tags = [[outside] * len(example.tokens) for _, example in numbered(examples, Tagged)]
        for row, output in zip(rows, outputs, strict=True):
            words = np.asarray(row["word"])
            starts = np.flatnonzero(words != NO_WORD)
            target = tags[int(row["example"])]
            for word, label in zip(words[starts].tolist(), output["tag"][starts].tolist(), strict=True):
                target[word] = labels[label]
        return [tuple(sentence) for sentence in tags]


def _first_subwords(words: Sequence[int | None]) -> list[int]:
    """The word that starts at each token, NO_WORD on its later sub-words."""
    before = [None, *words]
    return [NO_WORD if word is None or word == last else word for word, last in zip(words, before, strict=False)]


def _cuts(first: list[int], room: int) -> Iterator[tuple[int, int]]:
    """Ranges of at most ``room`` tokens that begin with a word; of a word longer than that, the beginning."""
    starts = [token for token, word in enumerate(first) if word != NO_WORD]
    begin: int | None = None
    last = 0
    for start, end in pairwise([*starts, len(first)]):
        if begin is not None and end - begin > room:
            yield begin, min(last, begin + room)
            begin = None
        begin = start if begin is None else begin
        last = end
    if begin is not None:
        yield begin, min(last, begin + room)


HEAD = Tagging()
