"""What a grid of arms, targets and seeds trains, against one script per cell: nodes and tokens from the plan alone.

python bench/grid.py [--json FILE] [--data DIR]

The grid is the study's on XTREME: 11 arms (`none`, nine intermediate tasks, all of them at once) x 9 targets x 3
seeds, as the ready experiment `phang2020` has them. A script per cell trains the cell's arm, then its target, and
evaluates the target's languages; it shares no checkpoint with another cell's. Nothing is trained here, and without
--data sets are priced by their published sizes.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness import options
from harness.verdicts import Verdict

from xstilts.experiments.experiment_graph import ExperimentGraph
from xstilts.experiments.graph import build
from xstilts.experiments.loading import load_experiment
from xstilts.experiments.schema import Experiment
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.runs.planning import plan

ARMS = (
    "anli_plus", "mnli", "qqp", "squad_v2", "squad_v1", "hellaswag", "ccg", "cosmos_qa", "commonsense_qa", "multi",
)  # fmt: skip
TRAINED = ("single_task", "multi_task", "fine_tuning")

Row = Mapping[str, Any]


def grid() -> Experiment:
    """The study's experiment with these arms; `none` is always beside them."""
    experiment = load_experiment("phang2020")
    arms = tuple(arm for arm in experiment.intermediate if arm.name in ARMS)
    assert len(arms) == len(ARMS)
    chosen = experiment.model_copy(update={"intermediate": arms})
    return chosen.beside(experiment.folder) if experiment.folder is not None else chosen


def above(node: Node) -> dict[str, Node]:
    """Key → every node that must be trained before ``node``."""
    found: dict[str, Node] = {}
    for parent in node.parents.values():
        found |= {parent.key: parent, **above(parent)}
    return found


def cells(study: ExperimentGraph) -> dict[tuple[str, str, int], list[Node]]:
    """(arm, target, seed) → its evaluations; what depends on no seed is a script of every seed."""
    found: dict[tuple[str, str, int], list[Node]] = defaultdict(list)
    for one in study.evaluations:
        for seed in study.experiment.seeds if one.seed is None else [one.seed]:
            found[one.arm, one.target, seed].append(one.node)
    return found


def tally(nodes: list[Row]) -> dict[str, Any]:
    """Nodes, and tokens by what is done with them."""
    trained = [row for row in nodes if row["kind"] in TRAINED]
    intermediate = [row for row in trained if row["kind"] != "fine_tuning"]
    return {
        "nodes": len(nodes),
        "trainings": len(trained),
        "intermediate_tokens": sum(row["tokens"] for row in intermediate),
        "fine_tuning_tokens": sum(row["tokens"] for row in trained) - sum(row["tokens"] for row in intermediate),
        "training_tokens": sum(row["tokens"] for row in trained),
        "evaluation_tokens": sum(row["tokens"] for row in nodes if row["kind"] == "zero_shot"),
        "flops": sum(row["flops"] for row in nodes),
    }


def compared(study: ExperimentGraph, rows: list[Row]) -> dict[str, Any]:
    """The graph, all scripts together, and scripts : graph."""
    of = {row["key"]: row for row in rows}
    scripts = []
    found = cells(study)
    for evaluations in found.values():
        distinct = {node.key for node in evaluations}
        trained = {key for node in evaluations for key in above(node)}
        scripts += [of[key] for key in sorted(distinct | trained)]
    graph, apart = tally(rows), tally(scripts)
    ratio = {name: apart[name] / graph[name] for name in graph if graph[name]}
    experiment = study.experiment
    size = {
        "arms": 1 + len(experiment.intermediate),
        "targets": len(experiment.targets),
        "seeds": len(experiment.seeds),
    }
    return {**size, "cells": len(found), "graph": graph, "one_script_per_cell": apart, "ratio": ratio}


def shown(found: Mapping[str, Any]) -> None:
    print(f"{found['arms']} arms x {found['targets']} targets x {found['seeds']} seeds: {found['cells']} cells")
    print(f"{'':22}{'graph':>12}{'per cell':>12}{'ratio':>8}")
    for name, value in found["graph"].items():
        apart, ratio = found["one_script_per_cell"][name], found["ratio"].get(name, 0.0)
        print(f"{name.replace('_', ' '):22}{value:>12.4g}{apart:>12.4g}{ratio:>8.2f}")


def verdicts(found: Mapping[str, Any]) -> list[Verdict]:
    """What the table of all comparisons says; nothing was promised."""
    ratio, size = found["ratio"], f"{found['arms']} arms × {found['targets']} targets × {found['seeds']} seeds"
    return [
        Verdict(work=f"a full XTREME grid, {size}: {name}", against="one script per cell", value=ratio[key])
        for name, key in (("nodes", "nodes"), ("training tokens", "training_tokens"), ("FLOPs", "flops"))
    ]


def main() -> None:
    given = options.parser(__doc__ or "").parse_args()
    with tempfile.TemporaryDirectory(prefix="xstilts-grid-") as folder:
        store = Store(Path(folder))
        study = build(grid(), data=given.data, store=store, planning=True)
        found = compared(study, plan(study, store))
    shown(found)
    if given.json:
        rows = [verdict.row() for verdict in verdicts(found)]
        given.json.write_text(json.dumps({**found, "verdicts": rows}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
