"""The right one of several choices: each with the prompt gives one row and one score. B rows, T tokens, D width.

GPT's and BERT's way (SWAG, arXiv 1810.04805, section 4.4). The number of choices may differ between examples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.columns import TYPED, declared, per_row
from xstilts.heads.decisions import DecidingHead, Decisions
from xstilts.heads.defaults import apply, classifier, first_places, numpy
from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import Inputs, ahead, numbered
from xstilts.heads.rows import Rows
from xstilts.heads.states import PER_ROW
from xstilts.reading.examples import Choice, Example

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

HIDDEN = -1


class MultipleChoice(DecidingHead):
    """The choice with the highest score.

    A prediction is the index of a choice; an output is the row's ``score`` (a scalar).
    """

    kind = "multiple_choice"
    columns = declared(TYPED, choice=per_row(use="loss"), gold=per_row(use="loss"))
    decides_on = PER_ROW

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """One row per choice: the prompt and the choice as a pair, the longer text cut first."""
        inputs = Inputs(tokenizer, max_length=max_length)
        kept = (item for item in numbered(examples, Choice) if item[1].label is not None or not training)

        def tokens_of(block: list[tuple[int, Choice]]) -> tuple[list[list[int]], list[list[int]]]:
            prompts = inputs.tokens([example.prompt for _, example in block])
            return prompts, inputs.tokens([choice for _, example in block for choice in example.choices])

        for block, (prompts, encoded) in ahead(kept, tokens_of):
            choices = iter(encoded)
            for (number, example), prompt in zip(block, prompts, strict=True):
                for choice in range(len(example.choices)):
                    row = inputs.row(prompt, next(choices))
                    row["example"] = number
                    row["choice"] = choice
                    row["gold"] = HIDDEN if example.label is None else example.label
                    yield row

    def reads(self, batch: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_] | None:
        """The first token, which `whole` takes."""
        return first_places(batch)

    def build(self, *, hidden_size: int, labels: tuple[str, ...], dropout: float) -> torch.nn.Module:
        """A dense layer and a projection to one score."""
        return classifier(hidden_size, 1, dropout)

    def decisions(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> Decisions:
        """The right one among the rows of each example; the unit is the example."""
        import torch

        score_B, choice_B = apply(module, self.whole(hidden_BTD, batch)).squeeze(-1), batch["choice"]
        # Rows of an example are contiguous, so choice 0 opens it: a micro-batch may mix numbers of choices.
        opens_B = choice_B == 0
        group_B = opens_B.cumsum(0) - 1
        lowest = torch.finfo(score_B.dtype).min
        shape = int(opens_B.sum()), int(choice_B.max()) + 1
        scores_EC = score_B.new_full(shape, lowest).index_put((group_B, choice_B), score_B)
        parts = ((scores_EC, batch["gold"][opens_B]),)
        return Decisions(parts=parts, row=opens_B.nonzero()[:, 0], ignore=HIDDEN)

    def states(self, hidden_BTD: torch.Tensor, batch: Batch) -> list[torch.Tensor]:
        """The state of each choice [1, D]."""
        return list(self.whole(hidden_BTD, batch)[:, None])

    def classes(self, rows: Rows) -> list[NDArray[np.int64]]:
        """Whether each choice is the right one [1]; negative where that is hidden."""
        gold, choice = (np.asarray(rows.scalars[name], dtype=np.int64) for name in ("gold", "choice"))
        return list(np.where(gold == HIDDEN, HIDDEN, gold == choice)[:, None])

    def predict(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> list[dict[str, NDArray[Any]]]:
        """The ``score`` of each row."""
        return [{"score": score} for score in numpy(apply(module, self.whole(hidden_BTD, batch)).squeeze(-1))]

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[int]:
        """The index of the choice with the highest score, the first of equal ones."""
        best, score = [0] * len(examples), [-np.inf] * len(examples)
        for row, output in zip(rows, outputs, strict=True):
            number, value = int(row["example"]), float(output["score"])
            if value > score[number]:
                best[number], score[number] = int(row["choice"]), value
        return best


HEAD = MultipleChoice()
