"""What encoder heads share: the defaults of the protocol, their modules, cross-entropy and cutting of padding.

Shape legend: B rows, T tokens, D hidden width, L labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.columns import TYPED, Columns
from xstilts.heads.head import Batch, Vocabulary
from xstilts.reading.examples import Example

if TYPE_CHECKING:
    import torch


class EncoderHead:
    """The parts of the protocol on which most encoder heads agree."""

    kind: str = ""
    version: int = 1
    trainable: bool = True
    language_model: bool = False
    columns: Columns = TYPED

    def layer(self, layers: int) -> int | None:
        """The last layer, normalised."""
        return None

    def reads(self, batch: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_] | None:
        """All states."""
        return None

    def whole(self, hidden_BTD: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The state that stands for a whole row, the first token's [B, D]."""
        return hidden_BTD[:, 0]

    def prepare(
        self, batch: dict[str, NDArray[np.int64]], *, rng: np.random.Generator, vocabulary: Vocabulary
    ) -> dict[str, NDArray[np.int64]]:
        """Nothing is random."""
        return batch


class RowLosses:
    """Of a head that learns from plain text and has no gold: an output holds ``loss`` (summed, nats) and ``count``."""

    def decode(
        self,
        outputs: Sequence[Mapping[str, NDArray[Any]]],
        rows: Sequence[Mapping[str, Any]],
        examples: Sequence[Example],
        *,
        labels: tuple[str, ...],
    ) -> list[tuple[float, int]]:
        """The summed loss and the number of predicted tokens, of each *row*: packed rows belong to no example."""
        return [(float(output["loss"]), int(output["count"])) for output in outputs]


def first_places(batch: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_]:
    """The first token of each row [B, T]."""
    found = np.zeros(batch["input_ids"].shape, dtype=bool)
    found[:, 0] = True
    return found


def projection(hidden_size: int, outputs: int, dropout: float) -> torch.nn.Module:
    """Dropout and a linear layer, for one prediction per token."""
    from torch import nn

    return nn.Sequential(nn.Dropout(dropout), _linear(hidden_size, outputs))


def classifier(hidden_size: int, outputs: int, dropout: float) -> torch.nn.Module:
    """Dense, tanh and projection, for one prediction per row (the classification head of RoBERTa and XLM-R)."""
    from torch import nn

    return nn.Sequential(
        nn.Dropout(dropout),
        _linear(hidden_size, hidden_size),
        nn.Tanh(),
        nn.Dropout(dropout),
        _linear(hidden_size, outputs),
    )


def apply(module: torch.nn.Module, hidden: torch.Tensor) -> torch.Tensor:
    """The module's output in fp32, whatever precision the backbone ran in."""
    dtype = next((parameter.dtype for parameter in module.parameters()), hidden.dtype)
    output: torch.Tensor = module(hidden.to(dtype)).float()
    return output


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor, *, ignore: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Sum over the targets that are not ``ignore`` (fp32), and their number; logits ``[N, L]``, targets ``[N]``."""
    from torch.nn import functional

    loss = functional.cross_entropy(logits.float(), targets, ignore_index=ignore, reduction="sum")
    return loss, (targets != ignore).sum()


def numpy(tensor: torch.Tensor) -> NDArray[Any]:
    """The tensor's values on the host."""
    array: NDArray[Any] = tensor.detach().cpu().numpy()
    return array


def unpadded(array_BT: NDArray[Any], batch: Batch) -> list[NDArray[Any]]:
    """The rows of an array, padding cut off (copies: a view would keep the whole batch alive)."""
    lengths = numpy(batch["attention_mask"].sum(dim=1))
    return [row[:length].copy() for row, length in zip(array_BT, lengths, strict=True)]


def example_numbers(rows: Sequence[Mapping[str, Any]]) -> NDArray[np.int64]:
    """The example of each row."""
    return np.fromiter((int(row["example"]) for row in rows), dtype=np.int64, count=len(rows))


def _linear(inputs: int, outputs: int) -> torch.nn.Module:
    from torch import nn

    layer = nn.Linear(inputs, outputs)
    nn.init.normal_(layer.weight, std=0.02)
    nn.init.zeros_(layer.bias)
    return layer
