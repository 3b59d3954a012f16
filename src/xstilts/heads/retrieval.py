"""Retrieval by the mean of a middle layer's token vectors; nothing is trained. B rows, T tokens, D hidden width.

The representation is jiant's for XTREME (layer 14 of 24), at the same relative depth in every model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.defaults import EncoderHead, numpy
from xstilts.heads.head import Batch

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
        """The mean over all tokens that are no padding, special ones included, scaled to length 1 [B, D], fp32."""
        from torch.nn import functional

        mask_BT1 = batch["attention_mask"].unsqueeze(-1)
        sum_BD = (hidden_BTD.float() * mask_BT1).sum(dim=1)
        mean_BD = sum_BD / mask_BT1.sum(dim=1).clamp_min(1)
        return functional.normalize(mean_BD, dim=-1, eps=1e-9)


def nearest_both_ways(left_MD: Vectors, right_ND: Vectors) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each left vector the right one with the highest cosine, and the other way round; first of equal ones."""
    to_right = np.zeros(len(left_MD), dtype=np.int64)
    to_left = np.zeros(len(right_ND), dtype=np.int64)
    highest = np.full(len(right_ND), -np.inf, dtype=np.float32)
    for start, similarity in _similarities(left_MD, right_ND):
        to_right[start : start + len(similarity)] = similarity.argmax(axis=1)
        best = similarity.max(axis=0)
        better = best > highest
        to_left[better] = similarity.argmax(axis=0)[better] + start
        highest[better] = best[better]
    return to_right, to_left


def nearest(queries_MD: Vectors, index_ND: Vectors, *, most: int) -> NDArray[np.int64]:
    """The ``most`` vectors of the index with the highest cosine, best first, for each query; first of equal ones."""
    most = min(most, len(index_ND))
    ranked = np.zeros((len(queries_MD), most), dtype=np.int64)
    for start, similarity in _similarities(queries_MD, index_ND):
        best = np.sort(np.argpartition(-similarity, most - 1, axis=1)[:, :most], axis=1)
        order = np.argsort(-np.take_along_axis(similarity, best, axis=1), axis=1, kind="stable")
        ranked[start : start + len(similarity)] = np.take_along_axis(best, order, axis=1)
    return ranked


def _similarities(left_MD: Vectors, right_ND: Vectors, *, cells: int = 1 << 24) -> Iterator[tuple[int, Vectors]]:
    """Blocks of rows of the similarity matrix, 64 MiB each."""
    size = max(1, cells // max(1, len(right_ND)))
    for start in range(0, len(left_MD), size):
        yield start, left_MD[start : start + size] @ right_ND.T
