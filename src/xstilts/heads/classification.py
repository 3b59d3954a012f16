"""Classification of a text or a pair from its first token. B rows, T tokens, D hidden width, L labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.columns import TYPED, declared, per_row
from xstilts.heads.decisions import DecidingHead, Decisions, every_row
from xstilts.heads.defaults import apply, classifier, example_numbers, first_places, numpy
from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import Inputs, ahead, label_number, numbered
from xstilts.heads.rows import Rows
from xstilts.heads.states import PER_ROW
from xstilts.reading.examples import Classified, Example

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

HIDDEN = -1
"""The label number of a row whose gold is hidden."""


class Classification(DecidingHead):
    """One label per row.

    A prediction is a label; an output is the row's ``logits`` [L].

    Args:
        kind: ``single_classification`` or ``pair_classification``: the examples say which.
    """

    columns = declared(TYPED, label=per_row(use="loss"))
    decides_on = PER_ROW

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """One row per example: the text or the pair, the longer text cut first.

        Raises:
            UnknownName: a label that is not in ``labels``.
        """
        inputs = Inputs(tokenizer, max_length=max_length)
        numbers = {label: number for number, label in enumerate(labels)}
        kept = (item for item in numbered(examples, Classified) if item[1].label is not None or not training)

        def tokens_of(block: list[tuple[int, Classified]]) -> tuple[list[list[int]], list[list[int]]]:
            first = inputs.tokens([example.first for _, example in block])
            return first, inputs.tokens([e.second for _, e in block if e.second is not None])

        for block, (firsts, seconds) in ahead(kept, tokens_of):
            second = iter(seconds)
            for (number, example), tokens in zip(block, firsts, strict=True):
                row = inputs.row(tokens, None if example.second is None else next(second))
                row["example"] = number
                row["label"] = HIDDEN if example.label is None else label_number(example.label, numbers, example)
                yield row

    def reads(self, batch: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_] | None:
        """The first token, which `whole` takes."""
        return first_places(batch)

    def build(self, *, hidden_size: int, labels: tuple[str, ...], dropout: float) -> torch.nn.Module:
        """A dense layer and a projection to the labels."""
        return classifier(hidden_size, len(labels), dropout)

    def decisions(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> Decisions:
        """The label of each row; the unit is the example."""
        logits_BL = apply(module, self.whole(hidden_BTD, batch))
        return Decisions(parts=((logits_BL, batch["label"]),), row=every_row(batch), ignore=HIDDEN)

    def states(self, hidden_BTD: torch.Tensor, batch: Batch) -> list[torch.Tensor]:
        """The state that decides, of each row [1, D]."""
        return list(self.whole(hidden_BTD, batch)[:, None])

    def classes(self, rows: Rows) -> list[NDArray[np.int64]]:
        """The label number of each row [1]; negative where it is hidden."""
        return list(np.asarray(rows.scalars["label"], dtype=np.int64)[:, None])

    def predict(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> list[dict[str, NDArray[Any]]]:
        """``logits`` [L] of each row."""
        return [{"logits": row} for row in numpy(apply(module, self.whole(hidden_BTD, batch)))]

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[str]:
        """The label with the highest logit."""
        best = np.zeros(len(examples), dtype=np.int64)
        if rows:
            best[example_numbers(rows)] = np.stack([output["logits"] for output in outputs]).argmax(axis=1)
        return [labels[number] for number in best]
