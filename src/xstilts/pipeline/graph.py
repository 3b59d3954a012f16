"""The nodes that a run needs, each once, parents first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xstilts.pipeline.node import Node


class Graph:
    """All nodes reachable from the targets; equal keys are one node.

    Args:
        targets: the results that are wanted. Where two nodes have the same key, the first one met stays, with
            its label; the walk follows the targets in order and the parents of each in their order.
    """

    def __init__(self, targets: Sequence[Node]) -> None:
        self._by_key: dict[str, Node] = {}
        for target in targets:
            for node in _parents_first(target, self._by_key):
                self._by_key[node.key] = node
        self.nodes: tuple[Node, ...] = tuple(self._by_key.values())
        """Parents before children, in a stable order."""
        self.targets: tuple[Node, ...] = tuple({node.key: self._by_key[node.key] for node in targets}.values())
        self._children: dict[str, list[Node]] = {key: [] for key in self._by_key}
        for node in self.nodes:
            for key in dict.fromkeys(parent.key for parent in node.parents.values()):
                self._children[key].append(node)

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def parents(self, node: Node) -> tuple[Node, ...]:
        """The nodes that ``node`` reads, as the graph holds them."""
        keys = dict.fromkeys(parent.key for parent in node.parents.values())
        return tuple(self._by_key[key] for key in keys)

    def children(self, node: Node) -> tuple[Node, ...]:
        """The nodes that read ``node`` directly."""
        return tuple(self._children[node.key])

    def descendants(self, node: Node) -> tuple[Node, ...]:
        """All nodes that read ``node`` directly or not, in topological order."""
        below: set[str] = set()
        waiting = [node]
        while waiting:
            for child in self._children[waiting.pop().key]:
                if child.key not in below:
                    below.add(child.key)
                    waiting.append(child)
        return tuple(other for other in self.nodes if other.key in below)


def _parents_first(target: Node, known: dict[str, Node]) -> Iterator[Node]:
    """The nodes above ``target`` that are not known yet, then itself; without recursion, chains can be long."""
    waiting: list[tuple[Node, bool]] = [(target, False)]
    while waiting:
        node, parents_done = waiting.pop()
        if node.key in known:
            continue
        if parents_done:
            yield node
            continue
        waiting.append((node, True))
        waiting.extend((parent, False) for parent in reversed(list(node.parents.values())))
