"""The counts of a run's evaluations, as its record names them and its store holds them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from xstilts import registry
from xstilts.pipeline.entry import CorruptEntry
from xstilts.pipeline.store import Store
from xstilts.runs.varied import varied_cells, varied_results

if TYPE_CHECKING:
    from xstilts.analysis.cells import Counts, Failed
    from xstilts.analysis.variants import Varied

_LOG = logging.getLogger("xstilts")


class Counted(NamedTuple):
    """The cells of a run on test rows as they are, those that failed, and the same in other forms of the rows."""

    counts: list[Counts]
    failed: list[Failed]
    varied: Varied | None


def counted(record: Mapping[str, Any], store: Store) -> Counted:
    """All counts of a run, with the minimum over forms of the rows as a further form."""
    from xstilts.analysis.variants import with_minimum

    every = [*record["cells"], *varied_cells(record)]
    store.stage(cell["node"] for cell in every if not cell["failure"])
    counts, failed = _cells(record["cells"], store, record["metrics"])
    varied = varied_results(record, store, lambda cells: _cells(cells, store, record["metrics"]))
    return Counted(counts, failed, with_minimum(counts, varied) if varied else None)


def _cells(
    cells: Sequence[Mapping[str, Any]], store: Store, metrics: Mapping[str, str]
) -> tuple[list[Counts], list[Failed]]:
    """The counts of every cell that has a result, and the failures of the others."""
    from xstilts.analysis.cells import Counts, Failed
    from xstilts.evaluation.scoring import read_counts

    counts, failed = [], []
    for cell in cells:
        place = {name: cell[name] for name in ("arm", "target", "language", "seed", "node")}
        if cell["failure"] or not store.has(cell["node"]):
            failed.append(Failed(**place, message=cell["failure"] or "its result is not in the store"))
            continue
        metric = registry.find("metrics", metrics[cell["target"]])
        try:
            scored = read_counts(store.open(cell["node"]).path("counts.parquet"), metric.count_names)
        except CorruptEntry as error:
            _LOG.warning("%s; the next run computes it again", error)
            failed.append(Failed(**place, message=f"{error.problem}; the next run computes it again"))
            continue
        rows = [i for i, language in enumerate(scored.languages) if not cell["pooled"] or language == cell["language"]]
        if not rows:
            failed.append(Failed(**place, message="no example has a gold label: hidden test labels are never scored"))
            continue
        counts.append(
            Counts(
                **place,
                metric=metric.name,
                score_names=metric.score_names,
                counts=scored.counts[rows],
                example_ids=[scored.example_ids[i] for i in rows],
                cluster_ids=[scored.cluster_ids[i] for i in rows],
                scores=metric.scores,
            )
        )
    return counts, failed
