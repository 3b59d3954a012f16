"""Rows to tensors: micro-batches by token budget, packed, or padded to the longest row of each.

Shape legend: B rows of a micro-batch, T tokens of its longest row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from xstilts.engine.packing import on_device, pack
from xstilts.heads.columns import ALWAYS, Columns
from xstilts.heads.head import Arrays
from xstilts.heads.rows import Rows

MULTIPLE = 8
"""Rows are padded to a multiple of this: fewer distinct shapes, aligned matrix products."""
SLACK = 4
"""Packed rows are unpacked for the head, which costs memory alone: padding of this many times the budget is allowed."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the rows of a batch lie, and what fills a micro-batch.

    Attributes:
        packed: one after another, not padded.
        real: real tokens fill a micro-batch, and padding (of what heads read) only from `SLACK` times the budget on;
            otherwise padded tokens do. Losses with negatives from the batch depend on it.
    """

    packed: bool
    real: bool


def padded(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The widths that rows of these lengths are padded to."""
    return np.asarray(-(-lengths // MULTIPLE) * MULTIPLE, dtype=np.int64)


def micro_batches(
    groups: list[NDArray[np.int64]], lengths: NDArray[np.int64], *, tokens: int, real: bool = True
) -> Iterator[NDArray[np.int64]]:
    """Packs groups of rows (the rows of one example each) into micro-batches of at most ``tokens`` tokens.

    Groups are taken from long to short, so that each micro-batch wastes little; a group is never split, even where
    it alone is over the budget.

    Args:
        groups: indices of the rows of each example.
        lengths: of all rows, in tokens.
        tokens: the budget.
        real: see `Layout`.
    """
    longest = np.array([int(lengths[group].max()) for group in groups], dtype=np.int64)
    sums = np.array([int(lengths[group].sum()) for group in groups], dtype=np.int64)
    widths = padded(longest)
    current: list[NDArray[np.int64]] = []
    width = rows = inside = 0
    for index in np.argsort(-longest, kind="stable"):
        group = groups[int(index)]
        area = max(width, int(widths[index])) * (rows + len(group))
        full = inside + int(sums[index]) > tokens or area > SLACK * tokens if real else area > tokens
        if current and full:
            yield np.concatenate(current)
            current, width, rows, inside = [], 0, 0, 0
        current.append(group)
        width, rows, inside = max(width, int(widths[index])), rows + len(group), inside + int(sums[index])
    if current:
        yield np.concatenate(current)


def collate(rows: Rows, chosen: NDArray[np.int64], *, pad_id: int, columns: Columns) -> Arrays:
    """The chosen rows as padded arrays.

    Args:
        rows: all rows.
        chosen: indices of B rows.
        pad_id: padding of ``input_ids``.
        columns: those of the head that are wanted; those that the rows do not have are left out.

    Returns:
        ``input_ids`` and ``attention_mask`` [B, T], ``example`` [B], and the columns, [B, T] or [B].
    """
    lengths = rows.lengths[chosen]
    width = int(padded(lengths).max())
    inside = np.arange(width)[None, :] < lengths[:, None]
    batch: Arrays = {"attention_mask": inside.astype(np.int64)}
    for name, column in {**columns, **ALWAYS}.items():
        if name in rows.scalars:
            values = rows.scalars[name]
            batch[name] = values[chosen].astype(_computed(values))
        elif name in rows.ragged:
            values, offsets = rows.ragged[name]
            filled = np.full(inside.shape, pad_id if name == "input_ids" else column.fill, dtype=_computed(values))
            filled[inside] = np.concatenate([values[offsets[i] : offsets[i + 1]] for i in chosen])
            batch[name] = filled
    return batch


def _computed(values: NDArray[Any]) -> np.dtype[Any]:
    """The type in a batch: integers are indices and masks, which torch wants in 64 bits."""
    return np.dtype(np.int64) if np.issubdtype(values.dtype, np.integer) else values.dtype


def to_tensors(
    batch: Mapping[str, NDArray[Any]],
    device: torch.device,
    *,
    packed: bool = False,
    read: NDArray[np.bool_] | None = None,
) -> dict[str, Any]:
    """Arrays to tensors on a device; with ``packed`` also how the rows are packed.

    Args:
        read: the places whose last states the head reads [B, T]; None: all.
    """
    found: dict[str, Any] = {name: on_device(values, device) for name, values in batch.items()}
    if packed:
        mask = batch["attention_mask"]
        found["packing"] = pack(mask.sum(axis=1), mask.shape[1], device, read=read)
    return found
