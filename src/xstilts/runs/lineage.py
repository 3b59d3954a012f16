"""Which trainings lead to a node of a graph."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.pipeline.node import Node

FINE_TUNING = "fine_tuning"
"""The kind of the trainings on a target; the others before it belong to an arm, or are pretraining."""


def lineage(node: Node | None) -> Iterator[Node]:
    """A node, and the trainings that it starts from, the last one first."""
    while node is not None:
        yield node
        node = node.parents.get("model")
