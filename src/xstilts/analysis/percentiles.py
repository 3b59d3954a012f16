"""Intervals and means of replicates: of one quantity, or of many at once with the same bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xstilts.analysis.cells import Floats, Interval

LEVEL = 0.95


def interval(replicates: Floats, *, level: float = LEVEL) -> Interval | None:
    """Percentile interval of [B] replicates; undefined (NaN) replicates are left out.

    None where more than half are undefined: an interval of the rest would say little.
    """
    defined = np.sort(replicates)[: int(np.count_nonzero(~np.isnan(replicates)))]
    if 2 * len(defined) < len(replicates) or len(defined) == 0:
        return None
    return _percentiles(defined[None], level)[0]


def intervals(replicates: Floats, *, level: float = LEVEL) -> list[Interval | None]:
    """The intervals of many quantities [M, B], each as `interval` gives it."""
    ordered = np.sort(replicates, axis=1)  # which puts what is undefined last
    if ordered.size == 0 or not np.isnan(ordered[:, -1]).any():
        return list(_percentiles(ordered, level))
    return [interval(row, level=level) for row in ordered]


def _percentiles(ordered_MB: Floats, level: float) -> list[Interval]:
    """Lower and upper end of sorted rows, linear between two replicates, as ``np.quantile`` is (and bit for bit)."""
    last, ends = ordered_MB.shape[1] - 1, []
    for share in ((1 - level) / 2, 1 - (1 - level) / 2):
        place = share * last
        below = int(place)
        low, high = ordered_MB[:, below], ordered_MB[:, min(below + 1, last)]
        part = place - below
        ends.append(high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part)
    return list(zip(*(end.tolist() for end in ends), strict=True))


def mean_in_order(columns: Sequence[Floats]) -> Floats:
    """Mean of k arrays, summed in the order in which numpy sums a row of k numbers: the same bits.

    Source: numpy's pairwise sum (``pairwise_sum_DOUBLE``), for fewer than 128 numbers.
    """
    count = len(columns)
    if count >= 128:
        return np.asarray(np.ascontiguousarray(np.stack(columns, axis=-1)).mean(axis=-1))
    whole = count - count % 8
    if count == 1:
        return columns[0]
    if count < 8:
        total, rest = columns[0] + columns[1], columns[2:]
    else:
        eight = [columns[at].copy() for at in range(8)]
        for at in range(8, whole):
            eight[at % 8] += columns[at]
        a, b, c, d, e, f, g, h = eight
        total, rest = ((a + b) + (c + d)) + ((e + f) + (g + h)), columns[whole:]
    for one in rest:
        total += one
    total /= count
    return total
