"""What can be answered without the first text: a bag of words of the rest, judged on folds that it was not fitted on.

The model is least squares with a ridge on hashed words and pairs of words. It is small on purpose: a row that it gets
right without reading the premise or the prompt has a cue that any model can find.
"""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xstilts.phases.linear_probe import Probed, probed, solved
from xstilts.phases.subset_rows import by_language
from xstilts.phases.text_measures import features, partial_inputs
from xstilts.reading.examples import Choice
from xstilts.tasks.kind import kind_of

if TYPE_CHECKING:
    from xstilts.phases.examples import Located

BINS = 1024
"""Into which words and pairs of words are hashed."""


def gold_margins(rows: Sequence[Located], kind: str, *, folds: int) -> list[float]:
    """By how much the partial input's model prefers the gold answer; NaN where the gold is hidden.

    Every language has a model of its own. A row's fold follows from its id.

    Args:
        rows: of one task.
        kind: of the task.
        folds: at least two.
    """
    golds = kind_of(kind).golds([row.example for row in rows])
    labels = {gold: number for number, gold in enumerate(sorted({str(gold) for gold in golds if gold is not None}))}
    known = (place for place, row in enumerate(rows) if golds[place] is not None and partial_inputs(row.example))
    margins = [math.nan] * len(rows)
    for places in by_language(rows, known).values():
        choices = isinstance(rows[places[0]].example, Choice)
        gold = np.array([golds[place] if choices else labels[str(golds[place])] for place in places])
        parts = [partial_inputs(rows[place].example) for place in places]
        bags = np.stack([_bag(part) for one in parts for part in one])
        example = np.repeat(np.arange(len(parts)), [len(one) for one in parts])
        data = probed(bags, example, gold.astype(np.int64), outputs=0 if choices else len(labels), scaled=False)
        fold = np.array([_fold(rows[place].example.example_id, folds) for place in places])
        for place, margin in zip(places, _held_out(data, fold), strict=True):
            margins[place] = float(margin)
    return margins


def _held_out(data: Probed, fold: NDArray[np.int64]) -> NDArray[Any]:
    """The margin of every example under the model of the other folds."""
    gram, moment = data.features.T @ data.features, data.features.T @ data.targets
    found = np.zeros(len(fold), dtype=np.float32)
    for number in np.unique(fold):
        held = fold == number
        rows = data.rows(held)
        own, targets = data.features[rows], data.targets[rows]
        weights = solved(gram - own.T @ own, moment - own.T @ targets, rows=len(rows) - int(rows.sum()))
        found[held] = data.margins(own @ weights, held)
    return found


def _bag(text: str) -> NDArray[np.float32]:
    """How often each bin is met, its square root, of unit length."""
    counts = np.zeros(BINS, dtype=np.float32)
    for one in features(text):
        counts[zlib.crc32(one.encode("utf-8", "surrogatepass")) % BINS] += 1.0
    counts = np.sqrt(counts)
    size = float(np.linalg.norm(counts))
    return counts / size if size else counts


def _fold(name: str, folds: int) -> int:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:8], "big") % folds
