"""On what a run was computed, as the manifests of its nodes say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


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
