"""Retrieval by the mean of a middle layer's token vectors; nothing is trained. B rows, T tokens, D hidden width.

The representation is jiant's for XTREME (layer 14 of 24), at the same relative depth in every model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.defaults import EncoderHead, numpy
from xstilts.heads.head import Batch
from xstilts.heads.nearest import nearest_of_all

if TYPE_CHECKING:
    import torch

DEPTH = 14 / 24

Vectors = NDArray[np.float32]


class Retrieval(EncoderHead):
    """Mean-pooled sentence vectors; an output is the row's ``vector`` [D], fp32, of length 1."""

    trainable = False

    def layer(self, layers: int) -> int | None:
        """Layer 14 of 24, or as deep as that in other models."""
        return max(1, round(layers * DEPTH))

    def build(self, *, hidden_size: int, labels: tuple[str, ...], dropout: float) -> torch.nn.Module:
        """An empty module."""
        from torch import nn

        return nn.Identity()

    def loss(
        self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """There is none.

        Raises:
            NotImplementedError: always; ``trainable`` says so before.
        """
        raise NotImplementedError(f"{self.kind} has no loss")

    def predict(self, module: torch.nn.Module, hidden_BTD: torch.Tensor, batch: Batch) -> list[dict[str, NDArray[Any]]]:
        """The vector of each row."""
        return [{"vector": row} for row in numpy(self.pooled(hidden_BTD, batch))]

    @staticmethod
    def pooled(hidden_BTD: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The mean over all tokens except padding, special ones included, scaled to length 1 [B, D], fp32."""
        from torch.nn import functional

        mask_BT1 = batch["attention_mask"].unsqueeze(-1)
        sum_BD = (hidden_BTD.float() * mask_BT1).sum(dim=1)
        mean_BD = sum_BD / mask_BT1.sum(dim=1).clamp_min(1)
        return functional.normalize(mean_BD, dim=-1, eps=1e-9)


class Stacked:
    """The vectors of some outputs as an array, a stretch at a time: stacked all at once they would be there twice."""

    def __init__(self, outputs: Sequence[Mapping[str, NDArray[Any]]], numbers: Sequence[int]) -> None:
        self._outputs = outputs
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, stretch: slice, /) -> Vectors:
        found = [self._outputs[number]["vector"] for number in self._numbers[stretch]]
        return np.stack(found) if found else np.zeros((0, 1), dtype=np.float32)


def nearest_both_ways(left_MD: Vectors, right_ND: Vectors) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each left vector the right one with the highest cosine, and the other way round; first of equal ones."""
    to_right, to_left = nearest_of_all(left_MD, right_ND, most=1)
    return to_right.index[:, 0], to_left.index[:, 0]


def nearest(queries_MD: Vectors, index_ND: Vectors, *, most: int) -> NDArray[np.int64]:
    """The ``most`` vectors of the index with the highest cosine, best first, for each query; first of equal ones."""
    return nearest_of_all(queries_MD, index_ND, most=most)[0].index
