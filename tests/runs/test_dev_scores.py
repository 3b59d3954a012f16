"""The dev scores of a run's trainings are those of the weights that were kept."""

import json

from xstilts.errors import UserError
from xstilts.runs.dev_scores import dev_scores

RECORDS = {
    "kept": {"dev": [[5, 0.5], [10, 0.8], [15, 0.7]], "selected_step": 10},
    "alone": {"dev": [], "selected_step": 5},
    "undefined": {"dev": [[5, None], [10, None]], "selected_step": 5},
}


class Store:
    def read(self, key, name):
        assert name == "training.json"
        if key not in RECORDS:
            raise UserError("it is not in the store")
        return json.dumps(RECORDS[key])


def cell(arm, seed, node, target="xnli"):
    return {"arm": arm, "target": target, "seed": seed, "node": node, "language": "swa-Latn"}


def manifests():
    found = {}
    for key, kind, tasks in (
        *((key, "fine_tuning", 1) for key in (*RECORDS, "gone")),
        ("several", "fine_tuning", 2),
        ("arm", "single_task", 1),
    ):
        found[key] = {"kind": kind, "identity": {"params": {"tasks": [{}] * tasks}, "parents": {}}}
        found[f"e.{key}"] = {"kind": "zero_shot", "identity": {"params": {}, "parents": {"model": key}}}
    return found


def test_the_kept_weights_alone_count():
    names = (*RECORDS, "gone", "several", "arm")
    cells = [cell(name, 11, f"e.{name}") for name in names]
    cells += [cell("kept", 12, "unknown"), cell("kept", None, "e.kept", target="tatoeba")]
    assert dev_scores(cells, Store(), manifests()) == {("kept", "xnli"): {11: 0.8}}
