"""The dev scores by which the trainings of a run were selected, as the store holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from xstilts.errors import XstiltsError
from xstilts.pipeline.store import Store
from xstilts.runs.lineage import FINE_TUNING


def dev_scores(
    cells: Sequence[Mapping[str, Any]], store: Store, manifests: Mapping[str, Mapping[str, Any]]
) -> dict[tuple[str, str], dict[int, float]]:
    """Arm and target → seed → dev score of the weights that were kept.

    Trainings that had one candidate alone have none, and what the store does not hold is passed over.

    Args:
        cells: as the run's record lists them.
        store: where their results are.
        manifests: of the run's nodes, by key.
    """
    found: dict[tuple[str, str], dict[int, float]] = {}
    for (arm, target, seed), key in _fine_tunings(cells, manifests).items():
        try:
            record = json.loads(store.read(key, "training.json"))
        except (XstiltsError, OSError, KeyError):
            continue
        score = dict(map(tuple, record.get("dev", ()))).get(record.get("selected_step"))
        if score is not None:
            found.setdefault((arm, target), {})[seed] = float(score)
    return found


def _fine_tunings(
    cells: Sequence[Mapping[str, Any]], manifests: Mapping[str, Mapping[str, Any]]
) -> dict[tuple[str, str, int], str]:
    """Arm, target and seed → the training on the target alone that its evaluations started from."""
    found: dict[tuple[str, str, int], str] = {}
    for cell in cells:
        place = (cell["arm"], cell["target"], cell["seed"])
        if cell["seed"] is None or place in found or cell["node"] not in manifests:
            continue
        key = manifests[cell["node"]]["identity"]["parents"].get("model")
        training = manifests.get(key)
        if training and training["kind"] == FINE_TUNING and len(training["identity"]["params"]["tasks"]) == 1:
            found[place] = key
    return found
