"""On what a run was computed and with what it was trained, as the manifests of its nodes say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from xstilts.analysis.provenance import Training
from xstilts.pipeline.node import canonical


def machines_in(manifests: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What cells may mix without their numbers agreeing bit by bit: facts of evaluations, and of what they read.

    Threads are compared within a kind of node: pretraining takes all cores by design, the others one.
    """
    found = []
    for manifest in manifests:
        facts = dict(manifest["facts"])
        threads = facts.pop("threads", None)
        found.append({**facts, f"threads of {manifest['kind']}": str(threads)})
    return found


def trainings_in(manifests: Iterable[Mapping[str, Any]]) -> tuple[Training, ...]:
    """The recipes and sets that nodes were trained with, each once, in the order met."""
    found: dict[bytes, Training] = {}
    for manifest in manifests:
        params = manifest["identity"]["params"]
        if not isinstance(params.get("recipe"), Mapping):
            continue
        sets = tuple(map(_set, params.get("tasks", ())))
        key = canonical([manifest["kind"], [list(one) for one in sets], params["recipe"]])
        before = found.get(key)
        nodes = before.nodes + 1 if before else 1
        found[key] = Training(kind=manifest["kind"], sets=sets, recipe=params["recipe"], nodes=nodes)
    return tuple(found.values())


def _set(task: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...], int | None]:
    """Task, split, languages and limit of what a node trains on; of joined sets of all of them together."""
    train = task["train"]
    languages = tuple(dict.fromkeys(str(part["language"]) for part in train.get("parts", ())))
    return str(train.get("task", "")), str(train.get("split", "")), languages, train.get("limit")
