"""What a node that chooses rows leaves: the rows, a summary of them beside the whole set, and the scores behind it."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xstilts.phases import subsets
from xstilts.phases.text_measures import length, overlap
from xstilts.pipeline.writer import Writer
from xstilts.tasks.kind import kind_of

if TYPE_CHECKING:
    from xstilts.phases.examples import Located

SUMMARY, SCORES, POINTS = "subset.json", "scores.parquet", "points.json"
DRAWN = 2_000
"""Points of a data map at most: a chart of more is slow to open, and shows no more."""

Name = tuple[str, str]
"""Language and id of a row."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A choice among rows.

    Attributes:
        rows: all that could be chosen.
        chosen: of them, in their order.
        scores: name of a score → that of each row; those of a data map are ``confidence``, ``variability`` and
            ``correctness``.
    """

    rows: Sequence[Located]
    chosen: Sequence[Located]
    scores: Mapping[str, Sequence[float]]


def write(found: Chosen, kind: str, writer: Writer) -> None:
    """Writes a choice into a node's entry."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    subsets.write(found.chosen, writer)
    columns: dict[str, Any] = {
        "language": [row.language for row in found.rows],
        "example_id": [row.example.example_id for row in found.rows],
        **{name: np.asarray(values, dtype=np.float32) for name, values in found.scores.items()},
    }
    if found.scores:
        pq.write_table(pa.table(columns), writer.path(SCORES))
    named = {
        (language, name): {score: float(columns[score][place]) for score in found.scores}
        for place, (language, name) in enumerate(zip(columns["language"], columns["example_id"], strict=True))
    }
    said = summary(found.rows, found.chosen, kind, named)
    writer.path(SUMMARY).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    if {"confidence", "variability", "correctness"} <= set(found.scores):
        points = _points(found, named)
        writer.path(POINTS).write_text(json.dumps(points, ensure_ascii=False), encoding="utf-8")


def read_scores(file: Path) -> dict[Name, dict[str, float]]:
    """The scores of every row, as `write` wrote them."""
    import pyarrow.parquet as pq

    table = pq.ParquetFile(file).read().to_pydict()
    names = [name for name in table if name not in ("language", "example_id")]
    return {
        (language, name): {score: float(table[score][place]) for score in names}
        for place, (language, name) in enumerate(zip(table["language"], table["example_id"], strict=True))
    }


def summary(
    rows: Sequence[Located], chosen: Sequence[Located], kind: str, scores: Mapping[Name, Mapping[str, float]]
) -> dict[str, Any]:
    """The chosen rows beside all of them: number, labels, mean length and overlap, means of the scores."""
    return {"kind": kind, "all": _measured(rows, kind, scores), "chosen": _measured(chosen, kind, scores)}


def _measured(rows: Sequence[Located], kind: str, scores: Mapping[Name, Mapping[str, float]]) -> dict[str, Any]:
    golds = kind_of(kind).golds([row.example for row in rows])
    labels = Counter(str(gold) for gold in golds if gold is not None)
    of_rows = [scores.get((row.language, row.example.example_id), {}) for row in rows]
    names = dict.fromkeys(name for one in of_rows for name in one)
    return {
        "rows": len(rows),
        "languages": dict(sorted(Counter(row.language for row in rows).items())),
        "labels": dict(sorted(labels.items())),
        "length": _mean(length(row.example) for row in rows),
        "overlap": _mean(overlap(row.example) for row in rows),
        "scores": {name: _mean(one.get(name) for one in of_rows) for name in names},
    }


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None and value == value]
    return statistics.fmean(known) if known else None


def _points(found: Chosen, named: Mapping[Name, Mapping[str, float]]) -> dict[str, Any]:
    """A fixed sample of the rows on the map, and whether each was chosen."""
    kept = {(row.language, row.example.example_id) for row in found.chosen}
    known = [name for name, scores in sorted(named.items()) if scores["confidence"] == scores["confidence"]]
    if len(known) > DRAWN:
        places = np.random.default_rng(len(known)).choice(len(known), size=DRAWN, replace=False)
        known = [known[place] for place in sorted(places.tolist())]
    axes = ("variability", "confidence", "correctness")
    points = [[*(round(named[name][axis], 4) for axis in axes), int(name in kept)] for name in known]
    return {"rows": len(found.rows), "points": points}
