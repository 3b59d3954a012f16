"""Stars as a regression on the mean of all states, whatever the architecture: a head of a third party's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from stars_kind import Rated, whole_stars

from xstilts.heads.columns import TYPED, declared, per_row
from xstilts.heads.defaults import EncoderHead, apply, numpy, projection
from xstilts.heads.head import Batch, Row
from xstilts.heads.inputs import Inputs, blocks, numbered
from xstilts.reading.examples import Example

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase


class Stars(EncoderHead):
    """A prediction is a number of whole stars as text; an output is the row's ``stars``."""

    kind = "stars"
    columns = declared(TYPED, stars=per_row(use="loss", dtype="float32"))

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """A row per text; texts without stars are not trained on."""
        inputs = Inputs(tokenizer, max_length=max_length)
        for block in blocks(item for item in numbered(examples, Rated) if not training or item[1].stars is not None):
            tokens = inputs.tokens([example.review for _, example in block])
            for (number, example), ids in zip(block, tokens, strict=True):
                stars = float("nan") if example.stars is None else example.stars
                yield inputs.row(ids) | {"example": number, "stars": stars}

    def build(self, *, hidden_size: int, labels: tuple[str, ...], dropout: float) -> torch.nn.Module:
        """A projection to a number."""
        return projection(hidden_size, 1, dropout)

    def loss(
        self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The squared error; the unit is the text."""
        known = ~batch["stars"].isnan()
        error = self._stars(module, hidden_BTD, batch)[known] - batch["stars"][known]
        return (error * error).sum(), known.sum()

    def predict(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> list[dict[str, NDArray[Any]]]:
        """The ``stars`` of each row."""
        return [{"stars": row} for row in numpy(self._stars(module, hidden_BTD, batch))]

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[str]:
        """Whole stars."""
        found = ["0"] * len(examples)
        for row, output in zip(rows, outputs, strict=True):
            found[row["example"]] = whole_stars(float(output["stars"]))
        return found

    def _stars(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> torch.Tensor:
        mask_BT1 = batch["attention_mask"].unsqueeze(-1)
        mean_BD = (hidden_BTD.float() * mask_BT1).sum(dim=1) / mask_BT1.sum(dim=1)
        return apply(module, mean_BD).squeeze(-1)


HEAD = Stars()
