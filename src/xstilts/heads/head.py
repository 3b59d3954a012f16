"""What a head is: how examples of one kind become model inputs, a loss, and predictions.

What is scored, against which gold and after which tuning is the kind's (``tasks/kinds/``): no model changes it.

Shape legend: B rows of a micro-batch, T tokens, D hidden width, L labels, V vocabulary, N selected positions.

A *row* is one model input. An example may give several rows (strides of a long context, one per choice); rows of
one example are contiguous and are never split over micro-batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.columns import Columns
from xstilts.reading.examples import Example
from xstilts.tasks.task import Wording

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

Row = dict[str, int | float | list[int] | list[float]]
"""Always ``input_ids`` (with special tokens) and ``example`` (index into the examples given); then the head's own."""

Arrays = dict[str, NDArray[Any]]
"""A batch before it is tensors: integers of 64 bits, other values in their column's own type."""

Batch = dict[str, Any]
"""``input_ids`` [B, T], ``attention_mask`` [B, T], and the head's columns, [B, T] padded or [B].

For `predict` those alone that are its inputs (``columns.Column.use``).
"""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What masking needs to know of a tokenizer."""

    size: int
    mask_id: int
    special_ids: tuple[int, ...]


class Head(Protocol):
    """One kind of task on one architecture.

    Attributes:
        kind: the kind of task, equal to the module's name.
        version: raised when the code changes results.
        trainable: False for retrieval, which has no loss.
        language_model: whether it computes with the output layer of the model's own language model, in the place of a
            module.
        columns: those of its rows besides ``input_ids`` and ``example``.
    """

    kind: str
    version: int
    trainable: bool
    language_model: bool
    columns: Columns

    def encode(
        self,
        examples: Sequence[Example],
        *,
        tokenizer: PreTrainedTokenizerBase,
        labels: tuple[str, ...],
        max_length: int,
        training: bool,
    ) -> Iterator[Row]:
        """Examples to rows, in order. ``training`` keeps only rows that carry a gold label."""
        ...

    def layer(self, layers: int) -> int | None:
        """Which hidden layer it reads, of ``layers`` (1 = after the first); None: the last, normalised."""
        ...

    def reads(self, batch: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_] | None:
        """The places whose last states `loss` and `predict` read [B, T], of a batch as `prepare` gives it; None: all.

        The other states need not be computed.
        """
        ...

    def build(self, *, hidden_size: int, labels: tuple[str, ...], dropout: float) -> torch.nn.Module:
        """A fresh module, initialised from torch's global generator (normal, standard deviation 0.02)."""
        ...

    def prepare(
        self, batch: dict[str, NDArray[np.int64]], *, rng: np.random.Generator, vocabulary: Vocabulary
    ) -> dict[str, NDArray[np.int64]]:
        """Draws what is random in a training batch (masking); the identity for most heads."""
        ...

    def loss(
        self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Sum of the loss in fp32 and the number of units (examples, labelled tokens) that it sums."""
        ...

    def predict(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> list[dict[str, NDArray[Any]]]:
        """What decoding needs of each row: B small dictionaries of arrays (padding cut off)."""
        ...

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[Any]:
        """One prediction per example, of the type that the kind's metric takes; numpy only.

        ``rows[i]`` holds the columns of row i (arrays, numbers), ``outputs[i]`` what ``predict`` gave.
        """
        ...


@runtime_checkable
class Worded(Protocol):
    """A head that reads and writes text in a task's own words."""

    def worded(self, wording: Wording) -> Head:
        """The head in these words."""
        ...
