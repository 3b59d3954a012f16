"""Nodes as JSON, for another process: a table in which each node stands once and names its parents by key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields

from xstilts.errors import XstiltsError
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.node import JSON, Node

_PLAIN = tuple(field.name for field in fields(Node) if field.name != "parents")


def encode_nodes(nodes: Sequence[Node]) -> str:
    """The nodes and all above them as one line of JSON."""
    table = {}
    for node in Graph(nodes):
        row: dict[str, JSON] = {name: _plain(getattr(node, name)) for name in _PLAIN}
        row["parents"] = {role: parent.key for role, parent in node.parents.items()}
        table[node.key] = row
    return json.dumps({"nodes": table, "targets": [node.key for node in nodes]})


def decode_nodes(text: str) -> list[Node]:
    """What ``encode_nodes`` wrote.

    Raises:
        XstiltsError: a node does not have the key under which it was sent.
    """
    message = json.loads(text)
    known: dict[str, Node] = {}
    for key, row in message["nodes"].items():  # parents first
        parents = {role: known[parent] for role, parent in row["parents"].items()}
        known[key] = Node(**{**row, "parents": parents})
        if known[key].key != key:
            raise XstiltsError(f"node {row['label']!r} changed its key on the way: {key} → {known[key].key}")
    return [known[key] for key in message["targets"]]


def _plain(value: JSON) -> JSON:
    return dict(value) if hasattr(value, "keys") else value
