"""The cells of a very large table, packed for a page that unpacks those of one target when a reader asks for them.

A block is seven planes of rows × arms: status, score, how far the ends of its interval are below and above it, and the
same of the gain. Numbers are fractions times ``per``, rounded: a hundredth of a point is kept. Each takes two bytes, of
which a plane has all lower ones first, since the upper ones of distances are nearly all alike. The planes are deflated
(zlib) and written as Base64. The template's script reads them in the same order.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from xstilts.analysis.cells import Cell, Estimate
from xstilts.analysis.table import Table
from xstilts.reports.grids import language_rows, largest_gain
from xstilts.reports.numbers import plain

NUMBERS = ("mean", "low", "high", "gain", "gain_low", "gain_high")
"""The planes after the status."""
STATUSES = ("ok", "partial", "failed", "undefined", "missing")
"""What a status means, by its number."""
NONE = -32768
"""Where there is no number."""
PER = 10_000
"""A fraction of 1 is this number."""
LEVEL = 6
"""How hard zlib tries: the page must not take much longer for being smaller."""


def blocks(table: Table) -> Iterator[dict[str, Any]]:
    """Every target and score, the official one first, as JSON objects."""
    for target in table.targets:
        for metric in table.metrics(target) or (None,):
            yield _block(table, target, metric)


def _block(table: Table, target: str, metric: str | None) -> dict[str, Any]:
    rows = language_rows(table, target, metric)
    estimates = [estimate for _, line in rows for estimate in line]
    numbers = np.array([[getattr(one, name) for one in estimates] for name in NUMBERS], dtype=np.float64)
    per = _per(numbers)
    planes = np.full((1 + len(NUMBERS), len(estimates)), NONE, dtype="<i2")
    planes[0] = [STATUSES.index(_status(one)) for one in estimates]
    rounded = np.rint(numbers * per)
    for middle in (0, 3):
        rounded[middle + 1] = rounded[middle] - rounded[middle + 1]
        rounded[middle + 2] -= rounded[middle]
    known = ~np.isnan(rounded)
    planes[1:][known] = rounded[known]
    halves = planes.view(np.uint8).reshape(*planes.shape, 2).swapaxes(1, 2)
    return {
        "target": plain(target),
        "metric": plain(metric or "no score"),
        "arms": [plain(arm) for arm in table.arms],
        "rows": [plain(title) for title, _ in rows],
        "fixed": sum(1 for _, line in rows if not any(isinstance(one, Cell) for one in line)),
        "per": per,
        "largest": largest_gain(estimates),
        "cells": base64.b64encode(zlib.compress(halves.tobytes(), LEVEL)).decode("ascii"),
    }


def _per(numbers: np.ndarray[Any, Any]) -> int:
    """``PER``, or less where a score is so large that it would not fit into two bytes."""
    largest = float(np.nanmax(np.abs(numbers), initial=0.0)) if numbers.size else 0.0
    most = (-NONE - 1) // 2  # the distance between two numbers may be twice as large as either
    return PER if largest * PER < most else max(1, int(most / largest))


def _status(one: Estimate) -> str:
    if isinstance(one, Cell):
        return one.status
    return "missing" if one.mean is None else "ok"
