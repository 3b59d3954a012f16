"""How many examples of each source and language the trainings of a run had, where rows were joined."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xstilts.analysis.drawn import Drawn
from xstilts.errors import XstiltsError
from xstilts.experiments.experiment_graph import Evaluation, ExperimentGraph
from xstilts.pipeline.store import Store
from xstilts.runs.lineage import FINE_TUNING, lineage


def drawn_record(study: ExperimentGraph) -> dict[str, Any]:
    """What a run's record holds of rows that are joined, and of few-shot examples where there are any."""
    shots = {target: dict(of_one) for target, of_one in study.few_shot.items()}
    return {"drawn": drawn_in(study.evaluations), **({"few_shot": shots} if shots else {})}


def drawn_in(evaluations: Iterable[Evaluation]) -> list[dict[str, Any]]:
    """For the record: of every arm and target whose rows were joined the training of the first seed."""
    found: dict[tuple[str, str], str] = {}
    seen: set[tuple[str, str]] = set()
    for one in evaluations:
        if one.seed is None or (one.arm, one.target) in seen:
            continue
        seen.add((one.arm, one.target))
        for node in lineage(one.node):
            whose = ("target", one.target) if node.kind == FINE_TUNING else ("arm", one.arm)
            if any(task["train"].get("joined") for task in node.params.get("tasks", ())):
                found.setdefault(whose, node.key)
    return [{"of": of, "name": name, "node": key} for (of, name), key in found.items()]


def drawn_of(recorded: Sequence[Mapping[str, Any]], store: Store) -> tuple[Drawn, ...]:
    """What each of them had; what the store no longer holds is passed over."""
    found = []
    for one in recorded:
        try:
            rows = json.loads(store.read(one["node"], "training.json"))["drawn"]
        except (XstiltsError, OSError, KeyError):
            continue
        counts = {(row["source"], row["language"]): int(row["examples"]) for row in rows}
        found.append(Drawn(of=str(one["of"]), name=str(one["name"]), examples=counts))
    return tuple(found)
