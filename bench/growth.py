"""How planning, analysis and reports grow: seconds of one core from a thousand nodes or results to a million.

python bench/growth.py [--json FILE] [--scale small] [--nodes N] [--results N]

Planning: `phang2020` with more and more seeds, from its file to the rows of the plan; without data, so that sets are
priced by their published sizes. Analysis: results of 20 arms, drawn, held in memory (arm x target x language x seed, 30
examples each), with the replicates that a run of that size has, to the gain matrix; then the reports as HTML, Markdown
and CSV. The exponent is the slope of seconds over size, both as logarithms, over the last three sizes: 1 where twice
the size takes twice the time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from harness import options
from harness.verdicts import Verdict

from xstilts import languages, registry
from xstilts.analysis.cells import BASELINE, Counts
from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.provenance import RunInfo
from xstilts.experiments.graph import build
from xstilts.experiments.loading import load_experiment
from xstilts.pipeline.store import Store
from xstilts.runs.planning import plan

SIZES = {
    "full": {"nodes": 100_000, "results": 1_000_000},
    "small": {"nodes": 10_000, "results": 10_000},
    "tiny": {"nodes": 1, "results": 1_000},
}
ARMS, LANGUAGES, SEEDS, EXAMPLES = 20, 100, 5, 30
AIMS = {"plan": 10.0, "analysis and reports": 30.0}
"""Seconds on one core at full scale."""
REPORTS = ("html", "md", "csv")

Row = dict[str, Any]


def sizes(last: int, first: int = 1_000) -> list[int]:
    """Powers of ten up to the last."""
    return [*itertools.takewhile(lambda size: size < last, (first * 10**power for power in range(9))), last]


def planned(nodes: int, clock: Callable[[], float]) -> Row:
    """Planning so many nodes, about."""
    with tempfile.TemporaryDirectory(prefix="xstilts-growth-") as folder:
        store = Store(Path(folder))
        one = len(build(load_experiment("phang2020", ["seeds=[1]"]), data=None, store=store, planning=True).nodes)
        seeds = list(range(1, max(1, round(nodes / one)) + 1))
        began = clock()
        study = build(load_experiment("phang2020", [f"seeds={seeds}"]), data=None, store=store, planning=True)
        rows = plan(study, store)
        return {"size": len(rows), "plan": clock() - began}


def drawn(results: int) -> Iterator[Counts]:
    """So many results, about: every arm, language and seed of more and more targets."""
    metric = registry.find("metrics", "accuracy")
    rng = np.random.default_rng(1)
    of_target = max(1, results // (ARMS * SEEDS))
    codes = sorted(one.id for one in languages.all_languages())[: min(LANGUAGES, of_target)]
    names = [f"row {index}" for index in range(EXAMPLES)]
    arms = [BASELINE, *(f"arm {index}" for index in range(1, ARMS))]
    for target in range(max(1, of_target // len(codes))):
        right = rng.random((len(codes), ARMS, SEEDS, EXAMPLES)) < 0.6
        counts = np.stack([right, np.ones_like(right)], axis=-1).astype(np.float64)
        for (place, language), (row, arm), seed in itertools.product(enumerate(codes), enumerate(arms), range(SEEDS)):
            yield Counts(
                arm=arm,
                target=f"target {target}",
                language=language,
                seed=seed,
                metric=metric.name,
                score_names=metric.score_names,
                counts=counts[place, row, seed],
                example_ids=names,
                cluster_ids=names,
                node=f"{target:016x}{place:016x}{row:016x}{seed:016x}",
                scores=metric.scores,
            )


def analysed(results: int, clock: Callable[[], float]) -> Row:
    """The gain matrix of so many results, and its reports."""
    counts = list(drawn(results))
    sources = {cell.target: "eng-Latn" for cell in counts}
    found: Row = {"size": len(counts)}
    began = clock()
    table = gain_matrix(counts, source_languages=sources)
    found["analysis"] = clock() - began
    for name in REPORTS:
        started = clock()
        text = registry.find("reports", name).render(table, RunInfo(name="growth", model="scratch:small"))
        found |= {name: clock() - started, f"{name} MB": len(text) / 1e6}
    found["analysis and reports"] = clock() - began
    return found


def exponent(rows: Sequence[Row], of: str) -> float | None:
    """The slope of seconds over size, both as logarithms."""
    points = [(math.log(row["size"]), math.log(max(row[of], 1e-6))) for row in rows[-3:]]
    return float(np.polyfit(*zip(*points, strict=True), 1)[0]) if len(points) > 1 else None


def shown(title: str, rows: Sequence[Row]) -> None:
    print(f"{title}, seconds")
    for row in rows:
        parts = (f"{name} {value:,.2f}" for name, value in row.items() if name != "size")
        print(f"{row['size']:>10,}  " + "  ".join(parts), flush=True)


def found_in(rows: Sequence[Row], of: str, what: str) -> Row:
    """What the table of all comparisons says."""
    slope = exponent(rows, of)
    print(f"exponent of {of}: {'not known' if slope is None else f'{slope:.2f}'}\n", flush=True)
    return {"what": what, "of": of, "rows": list(rows), "exponent": slope, "aim": AIMS[of]}


def verdicts(found: Sequence[Row], *, full: bool) -> list[Verdict]:
    """Seconds at the last size; the aims are for the full scale."""
    return [
        Verdict(
            work=f"{one['of']}, {one['rows'][-1]['size']:,} {one['what']}",
            against=f"exponent {one['exponent'] or math.nan:.2f}",
            value=one["rows"][-1][one["of"]],
            unit="seconds",
            target=one["aim"] if full else None,
            most=True,
        )
        for one in found
    ]


def clock_of(given: argparse.Namespace) -> Callable[[], float]:
    return time.process_time if given.clock == "cpu" else time.perf_counter


def main() -> None:
    given = options.parse(options.parser(__doc__ or ""), SIZES)
    clock = clock_of(given)
    plans = [planned(size, clock) for size in sizes(given.nodes)]
    shown("planning, nodes", plans)
    found = [found_in(plans, "plan", "nodes")]
    analyses = [analysed(size, clock) for size in sizes(given.results)]
    shown("analysis and reports, results", analyses)
    found.append(found_in(analyses, "analysis and reports", "results"))
    if given.json:
        rows = [verdict.row() for verdict in verdicts(found, full=given.scale == "full")]
        given.json.write_text(json.dumps({"growth": found, "verdicts": rows}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
