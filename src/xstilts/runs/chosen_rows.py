"""Which rows the arms of a run trained on, where a node chose among them: as the run's record and the store hold it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xstilts.analysis.subsets import Measured, Points, Subset
from xstilts.errors import XstiltsError
from xstilts.experiments.experiment_graph import Evaluation
from xstilts.phases import shots
from xstilts.phases.subset_entry import POINTS, SUMMARY
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.runs.lineage import lineage

ROLE = "/subset"
"""Ends the role of a node that chose, among the parents of a training."""


def chosen_in(evaluations: Iterable[Evaluation]) -> list[dict[str, Any]]:
    """For the record: the node that chose an arm's rows, once for each arm and seed that has one."""
    found: dict[tuple[str, int], str] = {}
    for one in evaluations:
        if one.seed is not None and (one.arm, one.seed) not in found and (node := _choice(one.node)):
            found[one.arm, one.seed] = node.key
    return [{"arm": arm, "seed": seed, "node": key} for (arm, seed), key in found.items()]


def subsets_of(recorded: Sequence[Mapping[str, Any]], store: Store) -> tuple[Subset, ...]:
    """One subset an arm, of its first seed: what an arm chose is the same for all, a random draw is much the same.

    What the store no longer holds, or a method keeps no summary of, is passed over.
    """
    found: dict[str, Subset] = {}
    for one in recorded:
        arm = str(one["arm"])
        if arm in found:
            continue
        try:
            said = json.loads(store.read(one["node"], SUMMARY))
        except (XstiltsError, OSError, KeyError):
            continue
        found[arm] = Subset(
            arm=arm,
            chosen=_measured(said["chosen"]),
            whole=_measured(said["all"]),
            points=_points(store, str(one["node"])),
        )
    return tuple(found.values())


def _choice(node: Node) -> Node | None:
    """The node that chose the rows of the nearest training that leads to a node."""
    for one in lineage(node):
        for role, parent in one.parents.items():
            # Few-shot examples are added to a target's rows: they are no choice among an arm's.
            if role.endswith(ROLE) and parent.kind != shots.KIND:
                return parent
    return None


def _measured(said: Mapping[str, Any]) -> Measured:
    return Measured(**{**said, "languages": dict(said["languages"]), "labels": dict(said["labels"])})


def _points(store: Store, key: str) -> Points | None:
    """The data map; None where the choice was by something else."""
    try:
        said = json.loads(store.read(key, POINTS))
    except (XstiltsError, OSError, KeyError):
        return None
    return Points(rows=int(said["rows"]), points=tuple(tuple(point) for point in said["points"]))
