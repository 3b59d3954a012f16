"""Exact nearest neighbours of two sets of vectors, in both directions from one pass over their similarities.

A similarity is the dot product summed in float64 and rounded to float32, and of equal ones the lower index is nearer:
the same for every number of threads and on every machine. Few are ever computed like that: products in the precision
that the processor multiplies fastest find the candidates, tile by tile and never held, and a pair is one if it might
be among the nearest by the largest error that its product can have (``screening``).

Shape legend: M left and N right vectors, D their width, R rows and C columns of a tile, K neighbours, H hits.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.screening import Coded, Screen, Source, at_least, product, spans

if TYPE_CHECKING:
    import torch

Vectors = NDArray[np.float32]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

ROWS, COLUMNS = 1024, 4096
"""The largest tile: 8 MiB in bf16."""
DENSE = 16
"""Where more than one cell of so many is a hit, no bound tells the vectors apart: the tile is computed in float64."""
FEW = 16
"""Vectors that set the first bar in such a tile."""
PLACE_BITS = 20
"""Of a hit's sorting key: 12 bits are its vector, 32 the similarity, the rest its place."""
_CHUNK = 256


class Nearest:
    """The nearest so far of each of ``count`` vectors: ``similarity`` and ``index`` [count, K], the nearest first.

    Of equally near ones the lower index, as long as hits are added with rising indices.
    """

    def __init__(self, similarity: Vectors, index: Integers) -> None:
        self.similarity = similarity
        self.index = index

    @classmethod
    def none(cls, count: int, most: int) -> Nearest:
        """Before any hit."""
        return cls(np.full((count, most), -np.inf, dtype=np.float32), np.zeros((count, most), dtype=np.int64))

    @property
    def most(self) -> int:
        """K."""
        return int(self.index.shape[1])

    @property
    def bar(self) -> Vectors:
        """The similarity that a hit must exceed [count]."""
        return self.similarity[:, -1]

    @property
    def mean(self) -> Floats:
        """Mean similarity to the nearest [count]."""
        mean: Floats = self.similarity.mean(axis=1, dtype=np.float64)
        return mean

    def part(self, start: int, stop: int) -> Nearest:
        """A view of some of the vectors."""
        return Nearest(self.similarity[start:stop], self.index[start:stop])

    def add(self, mine_H: Integers, theirs_H: Integers, similarity_H: Vectors) -> None:
        """Takes in hits: vector ``mine`` (of at most 4,096) has ``similarity`` to ``theirs`` of the other side."""
        for start, stop in spans(len(mine_H), (1 << PLACE_BITS) // (self.most + 1)):
            mine, theirs, similarity = mine_H[start:stop], theirs_H[start:stop], similarity_H[start:stop]
            better = similarity > self.bar[mine]
            touched, owner = np.unique(mine[better], return_inverse=True)
            owner = np.concatenate([np.repeat(np.arange(len(touched)), self.most), owner])
            index = np.concatenate([self.index[touched].ravel(), theirs[better]])
            similarity = np.concatenate([self.similarity[touched].ravel(), similarity[better]])
            order = _sorted(owner, similarity)
            kept = order[np.searchsorted(owner[order], np.arange(len(touched)))[:, None] + np.arange(self.most)]
            self.similarity[touched], self.index[touched] = similarity[kept], index[kept]

    def merge(self, other: Nearest) -> None:
        """Takes in what another found among later vectors."""
        owner = np.repeat(np.arange(len(other.index)), other.most)
        self.add(owner, other.index.ravel(), other.similarity.ravel())


def nearest_of_all(left_MD: Source, right_ND: Source, *, most: int) -> tuple[Nearest, Nearest]:
    """The nearest right vectors of each left one and the nearest left ones of each right one, by dot product.

    Args:
        left_MD: vectors; of the longer side only stretches are held.
        right_ND: vectors.
        most: K, where there are as many.
    """
    if len(right_ND) > len(left_MD):
        of_right, of_left = nearest_of_all(right_ND, left_MD, most=most)
        return of_left, of_right
    import torch

    of_left = Nearest.none(len(left_MD), min(most, len(right_ND)))
    of_right = Nearest.none(len(right_ND), min(most, len(left_MD)))
    if not len(right_ND):
        return of_left, of_right
    screen = Screen(left_MD, right_ND[:], rows=ROWS, columns=COLUMNS)
    blocks, threads = spans(len(left_MD), ROWS), torch.get_num_threads()
    shares = [[blocks[i] for i in share] for share in np.array_split(np.arange(len(blocks)), threads) if len(share)]
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        swept = list(pool.map(lambda share: _sweep(screen, share, of_left, of_right.most), shares))
    torch.set_num_threads(threads)  # what one thread sets, those made later start with
    for one in swept:
        for start, stop in spans(len(right_ND), COLUMNS):
            of_right.part(start, stop).merge(one.part(start, stop))
    return of_left, of_right


def _sweep(screen: Screen, blocks: list[tuple[int, int]], of_left: Nearest, most: int) -> Nearest:
    """Compares stretches of the left side with all of the right; the nearest of the right among them."""
    of_right = Nearest.none(len(screen.right), most)
    for top, bottom in blocks:
        rows = screen.rows(top, bottom)
        for (start, stop), columns in screen.columns:
            tile = product(rows, columns)
            _take(of_left.part(top, bottom), start, rows, columns, tile, screen.constant, axis=1)
            _take(of_right.part(start, stop), top, columns, rows, tile, screen.constant, axis=0)
    return of_right


def _take(
    near: Nearest, first: int, mine: Coded, others: Coded, tile: torch.Tensor, constant: float, *, axis: int
) -> None:
    """Takes in what a tile holds for its rows (``axis`` 1) or columns (0); ``first`` is the index of ``others[0]``."""
    hits = np.flatnonzero(at_least(tile, _bar(near, mine, others, tile, constant, axis=axis), axis=axis))
    if len(hits) * DENSE > tile.numel():
        _take_all(near, first, mine, others)
        return
    row, column = np.divmod(hits, tile.shape[1])
    own, their = (row, column) if axis else (column, row)
    near.add(own, their + first, _similarity(mine.exact, own, others.exact, their))


def _take_all(near: Nearest, first: int, mine: Coded, others: Coded) -> None:
    """Takes in all others: a few at first, so that they set a bar."""
    import torch

    exact = torch.from_numpy(mine.exact).double() @ torch.from_numpy(others.exact).double().T
    similarity, start, length = exact.numpy().astype(np.float32), 0, FEW
    while start < len(others):
        stretch = similarity[:, start : start + length]
        own, their = np.nonzero(stretch > near.bar[:, None])
        near.add(own, their + start + first, stretch[own, their])
        start, length = start + length, 2 * length


def _bar(near: Nearest, mine: Coded, others: Coded, tile: torch.Tensor, constant: float, *, axis: int) -> Floats:
    """What the product of each vector with one of ``others`` reaches at least, if that is among its nearest."""
    import torch

    error = mine.error(others)
    bar: Floats = near.bar.astype(np.float64) - constant - error
    if np.isneginf(near.bar).any() and near.most <= tile.shape[axis]:
        lowest = tile.topk(near.most, dim=axis).values.select(axis, -1).double().numpy()
        lowest -= np.abs(lowest) * torch.finfo(tile.dtype).eps
        bar = np.maximum(bar, lowest - 2 * error)
    return bar


def _similarity(mine: Vectors, own_H: Integers, others: Vectors, their_H: Integers) -> Vectors:
    """Dot products of pairs, summed in float64; a few at a time, which fit the processor's cache."""
    found = np.empty(len(own_H), dtype=np.float32)
    for start, stop in spans(len(own_H), _CHUNK):
        left, right = mine.take(own_H[start:stop], axis=0), others.take(their_H[start:stop], axis=0)
        found[start:stop] = np.vecdot(left.astype(np.float64), right.astype(np.float64))
    return found


def _sorted(owner: Integers, similarity: Vectors) -> Integers:
    """The order by owner, then the highest similarity, then the place: one sort of plain integers."""
    bits = (similarity + np.float32(0)).view(np.uint32)  # no negative zero
    falling = np.where(bits >> 31, bits, ~bits & np.uint32(0x7FFFFFFF))
    keys = owner.astype(np.uint64) << np.uint64(32 + PLACE_BITS)
    keys |= falling.astype(np.uint64) << np.uint64(PLACE_BITS)
    keys |= np.arange(len(keys), dtype=np.uint64)
    keys.sort()
    return (keys & np.uint64((1 << PLACE_BITS) - 1)).astype(np.int64)
