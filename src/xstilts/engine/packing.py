"""Rows one after another instead of padded: where each token lies, and attention that stays within its row.

Linear layers, norms and activations see no padding at all. Attention alone works on blocks of rows of about equal
length. Both come in few distinct shapes, since every new shape of a matrix product costs oneDNN a compiled kernel
(milliseconds, and up to a megabyte): the tokens of a micro-batch are filled up to a multiple of ``TOKENS``, rows to a
multiple of ``ROWS``, their width to one of ``WIDTH``, by a token that no row reads.

Shape legend: S packed tokens, B rows, T tokens of the longest row, H attention heads, D hidden width, K width of a
head, P places of all blocks, N rows of a block, W its width.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

if TYPE_CHECKING:
    from transformers import PreTrainedModel

TOKENS, ROWS, WIDTH = 64, 4, 16
FULL = 0.6
"""Rows shorter than this share of a block's width begin a block of their own."""
MOST = 0.5
"""Where more of the tokens than this are read, little is saved, and further shapes cost their kernels."""


@dataclass(frozen=True)
class Block:
    """N rows of about equal length: their places are ``first`` to ``first + rows * width`` of all P."""

    first: int
    rows: int
    width: int
    masked: torch.Tensor | None
    """[N, 1, 1, W], 0 at tokens and -1e9 elsewhere; None where nothing is."""


@dataclass(frozen=True)
class Packing:
    """How the rows of a micro-batch are packed.

    Attributes:
        shape: (B, T) of the padded arrays.
        tokens: real tokens; the S - tokens after them are the filler.
        place: of each packed token in the padded arrays, flattened [S]; the filler repeats the first.
        position: of each packed token in its row [S].
        source: the packed token of each place of the blocks [P]; the filler where there is none.
        inverse: the place in the blocks of each packed token [S].
        read: the packed tokens whose last states are read, filled up like S by the last filler [R]; None: all.
        count: how many of ``read`` are tokens.
    """

    shape: tuple[int, int]
    tokens: int
    place: torch.Tensor
    position: torch.Tensor
    source: torch.Tensor
    inverse: torch.Tensor
    blocks: tuple[Block, ...]
    read: torch.Tensor | None = None
    count: int = 0
    _by_head: dict[int, tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict, repr=False, compare=False)

    def by_head(self, heads: int) -> tuple[torch.Tensor, torch.Tensor]:
        """``source`` and ``inverse`` of H heads, where each block lies as [N, H, W]: [P * H] and [S * H] each.

        A head of a token is one row on either side, at ``token * H + head`` where the tokens lie packed.
        """
        if heads not in self._by_head:
            head = torch.arange(heads, device=self.source.device)
            sources, starts, steps = [], [], []
            for block in self.blocks:
                end = block.first + block.rows * block.width
                tokens = self.source[block.first : end].view(block.rows, 1, block.width)
                sources.append((tokens * heads + head[:, None]).flatten())
                place = torch.arange(end - block.first, device=head.device)
                row = place // block.width
                starts.append(block.first * heads + row * (heads - 1) * block.width + place)
                steps.append(torch.full_like(place, block.width))
            start, step = (torch.cat(x)[self.inverse][:, None] for x in (starts, steps))
            self._by_head[heads] = torch.cat(sources), (start + head * step).flatten()
        return self._by_head[heads]

    def unpack(self, hidden: torch.Tensor, *, narrowed: bool = False) -> torch.Tensor:
        """The padded form [B, T, D] of states [S, D], or with ``narrowed`` of those that are read [R, D]; else 0."""
        rows, width = self.shape
        places, count = self.place, self.tokens
        if narrowed and self.read is not None:
            places, count = self.place[self.read], self.count
        padded = hidden.new_zeros(rows * width, hidden.shape[-1])
        padded = padded.index_copy(0, places[:count], hidden[:count])
        return padded.view(rows, width, -1)


def first_position(base: PreTrainedModel) -> int:
    """The position of a row's first token: RoBERTa and its relatives count from behind the padding's."""
    embeddings: Any = getattr(base, "embeddings", None)
    return int(embeddings.padding_idx) + 1 if hasattr(embeddings, "create_position_ids_from_input_ids") else 0


def pack(
    lengths: NDArray[np.int64],
    width: int,
    device: torch.device,
    *,
    read: NDArray[np.bool_] | None = None,
    most: float = MOST,
) -> Packing:
    """Packs rows of these lengths, which lie padded to ``width``.

    Args:
        lengths: of the rows, in tokens.
        width: of the padded arrays.
        device: of the tensors.
        read: the places whose last states are read [B, T]; None: all.
        most: where more of the tokens than this share are read, all of them are computed.
    """
    tokens = int(lengths.sum())
    total = filled(tokens)
    starts = np.cumsum(lengths) - lengths
    row = np.repeat(np.arange(len(lengths)), lengths)
    position = np.arange(tokens) - starts[row]
    filler = np.zeros(total - tokens, dtype=np.int64)
    source, inverse, blocks = _blocks(lengths, starts, total)
    wanted, count = _read(read, row, position, total, most)
    return Packing(
        read=None if wanted is None else on_device(wanted, device),
        count=count,
        shape=(len(lengths), width),
        tokens=tokens,
        place=on_device(np.concatenate([row * width + position, filler]), device),
        position=on_device(np.concatenate([position, filler]), device),
        source=on_device(source, device),
        inverse=on_device(inverse, device),
        blocks=tuple(
            Block(first=first, rows=rows, width=w, masked=None if mask is None else on_device(mask, device))
            for first, rows, w, mask in blocks
        ),
    )


def on_device(array: NDArray[Any], device: torch.device) -> torch.Tensor:
    """An array as a tensor; to a GPU from pinned memory, so that nothing waits for the copy."""
    tensor = torch.from_numpy(array)
    return tensor if device.type == "cpu" else tensor.pin_memory().to(device, non_blocking=True)


def filled(tokens: int) -> int:
    """Packed tokens with the filler, of which there is at least one; an eighth of the size at most beyond that."""
    step = max(TOKENS, 1 << max(0, tokens.bit_length() - 5))
    return -(-(tokens + 1) // step) * step


def _read(
    read: NDArray[np.bool_] | None, row: NDArray[np.int64], position: NDArray[np.int64], total: int, most: float
) -> tuple[NDArray[np.int64] | None, int]:
    """The packed tokens that are read, filled up, and their number; None where they are nearly all."""
    if read is None:
        return None, 0
    found = np.flatnonzero(read[row, position])
    size = filled(len(found))
    if size > most * total:
        return None, 0
    return np.concatenate([found, np.full(size - len(found), total - 1, dtype=np.int64)]), len(found)


def _blocks(
    lengths: NDArray[np.int64], starts: NDArray[np.int64], total: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[tuple[int, int, int, NDArray[np.float32] | None]]]:
    order = np.argsort(-lengths, kind="stable")
    inverse = np.zeros(total, dtype=np.int64)
    sources, blocks, first, begin = [], [], 0, 0
    while begin < len(order):
        width = -(-int(lengths[order[begin]]) // WIDTH) * WIDTH
        end = begin + int(np.count_nonzero(lengths[order[begin:]] >= FULL * (width - WIDTH + 1)))
        members = order[begin:end]
        multiple = ROWS if width <= 128 else 1
        rows = -(-len(members) // multiple) * multiple
        inside = np.zeros((rows, width), dtype=bool)
        inside[: len(members)] = np.arange(width) < lengths[members][:, None]
        source = np.full((rows, width), total - 1, dtype=np.int64)
        source[: len(members)] = starts[members][:, None] + np.arange(width)
        source[~inside] = total - 1
        inverse[source[inside]] = first + np.flatnonzero(inside)
        mask = None if inside.all() else np.where(inside, 0, -1e9).astype(np.float32)[:, None, None, :]
        blocks.append((first, rows, width, mask))
        sources.append(source.ravel())
        first, begin = first + rows * width, end
    return np.concatenate(sources), inverse, blocks
