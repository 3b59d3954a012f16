"""Predictions → per-example counts → Parquet, and back. C counts of a metric, N examples."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xstilts.metrics.metric import ClusterMetric, Metric
from xstilts.reading.examples import Example


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Counts of the scored examples of one evaluation.

    Attributes:
        counts: [N, C].
        languages: of each example (one throughout, except in a pooled task).
    """

    example_ids: tuple[str, ...]
    cluster_ids: tuple[str, ...]
    languages: tuple[str, ...]
    counts: NDArray[np.float64]


def score(
    metric: Metric,
    examples: Sequence[Example],
    golds: Sequence[Any],
    predictions: Sequence[Any],
    *,
    language: str,
) -> Scored:
    """Counts of every example with a gold; those whose gold is hidden are left out, never faked."""
    kept = [i for i, gold in enumerate(golds) if gold is not None]
    languages = tuple(getattr(examples[i], "language", language) for i in kept)
    counts = np.asarray(
        [metric.counts(golds[i], predictions[i], language=name) for i, name in zip(kept, languages, strict=True)],
        dtype=np.float64,
    ).reshape(len(kept), len(metric.count_names))
    clusters = tuple(examples[i].cluster_id for i in kept)
    return Scored(
        example_ids=tuple(examples[i].example_id for i in kept),
        cluster_ids=clusters,
        languages=languages,
        counts=metric.by_cluster(counts, clusters) if isinstance(metric, ClusterMetric) else counts,
    )


def write_counts(scored: Scored, metric: Metric, file: Path) -> None:
    """Writes counts as Parquet: example_id, cluster_id, language, and a column per count."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {
        "example_id": list(scored.example_ids),
        "cluster_id": list(scored.cluster_ids),
        "language": pa.array(list(scored.languages), pa.string()).dictionary_encode(),
    }
    columns.update({name: scored.counts[:, i] for i, name in enumerate(metric.count_names)})
    pq.write_table(pa.table(columns), file)


def read_counts(file: Path | BytesIO, count_names: Sequence[str]) -> Scored:
    """Reads what ``write_counts`` wrote."""
    import pyarrow.parquet as pq

    table = pq.ParquetFile(file).read()
    counts = [table.column(name).to_numpy() for name in count_names]
    return Scored(
        example_ids=tuple(table.column("example_id").to_pylist()),
        cluster_ids=tuple(table.column("cluster_id").to_pylist()),
        languages=tuple(table.column("language").to_pylist()),
        counts=np.stack(counts, axis=1) if counts else np.zeros((table.num_rows, 0)),
    )


def write_predictions(
    examples: Sequence[Example], golds: Sequence[Any], predictions: Sequence[Any], file: Path
) -> None:
    """Writes predictions as Parquet: example_id, prediction and gold, both as JSON."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def text(value: Any) -> str:  # noqa: ANN401
        return json.dumps(value, ensure_ascii=False, default=_plain)

    table = pa.table(
        {
            "example_id": [example.example_id for example in examples],
            "prediction": [text(prediction) for prediction in predictions],
            "gold": [text(gold) for gold in golds],
        }
    )
    pq.write_table(table, file)


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
