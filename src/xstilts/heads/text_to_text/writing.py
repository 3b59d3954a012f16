"""What text-to-text heads share, and what they ask of the model that writes.

Shape legend: B rows, T tokens of a row, S tokens of its source, D hidden width, C candidates.

A row's ``input_ids`` are the source, in training followed by the target; the column ``part`` tells them apart. So a
row's tokens are all that the model computes with, and the target needs no column of a length of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.columns import Columns, declared, per_token
from xstilts.heads.defaults import EncoderHead
from xstilts.heads.head import Batch
from xstilts.heads.text_to_text.automaton import Automaton, Written
from xstilts.tasks.task import Wording

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

SOURCE, TARGET, NOTHING = 0, 1, -1
"""The column ``part``: read, to be written, padding."""
PARTS = declared(part=per_token(NOTHING))
"""In rows for training; without it all of a row is read."""


class Writer(Protocol):
    """A model that writes, for one task.

    Attributes:
        tokenizer: of what it writes.
        labels: of the task.
    """

    tokenizer: PreTrainedTokenizerBase
    labels: tuple[str, ...]

    def loss(self, states_BSD: torch.Tensor, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """The summed cross-entropy of the targets' tokens in fp32, and their number."""
        ...

    def scores(self, states_BSD: torch.Tensor, batch: Batch, candidates: Sequence[Sequence[int]]) -> torch.Tensor:
        """The log-probability of writing each candidate and then ending [B, C], fp32."""
        ...

    def follow(self, states_BSD: torch.Tensor, batch: Batch, automata: Sequence[Automaton]) -> list[Written]:
        """What it writes, token by token the likeliest that the row's automaton allows."""
        ...


class TextToTextHead(EncoderHead):
    """A head without weights: the model's own decoder is the head, a ``Writer`` stands where a module would."""

    columns: Columns = PARTS
    wording: Wording | None = None
    decides: bool = False
    writes: bool = True

    def worded(self, wording: Wording) -> Self:
        """The head in a task's own words."""
        found = copy.copy(self)
        found.wording = wording
        return found

    def reads(self, batch: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_] | None:
        """The decoder looks at all states."""
        return None

    def build(self, *, hidden_size: int, labels: tuple[str, ...], dropout: float) -> torch.nn.Module:
        """An empty module."""
        from torch import nn

        return nn.Identity()

    def loss(
        self,
        module: Any,  # noqa: ANN401 – a Writer
        hidden_BTD: torch.Tensor,
        batch: Batch,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Cross-entropy of the target; the unit is the token written."""
        loss: tuple[torch.Tensor, torch.Tensor] = module.loss(hidden_BTD, batch)
        return loss
