"""What a node starts from."""

from __future__ import annotations

from pathlib import Path

from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.training.checkpoint import Start


def start_of(node: Node, store: Store) -> Start:
    """What ``node`` starts from: a parent's checkpoint, a directory, a hub repository, or nothing."""
    model = node.params.get("model", {})
    if "model" in node.parents:
        return Start(directory=store.open(node.parents["model"].key).directory)
    if "scratch" in model:
        return Start(directory=store.open(node.parents["tokenizer"].key).directory, scratch=model["scratch"])
    if "hub" in model:
        from xstilts.models.hub import fetch

        return Start(directory=fetch(model["hub"], model["revision"]))
    return Start(directory=Path(node.paths["model"]))
