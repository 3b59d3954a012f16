"""Which nodes must be computed, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from xstilts.pipeline.graph import Graph
from xstilts.pipeline.node import Node


def needed(graph: Graph, *, present: Callable[[Node], bool], damaged: Mapping[str, str]) -> list[Node]:
    """The nodes to compute, in topological order.

    A damaged entry is always made again. A missing one is left missing if it is no target and nothing that must be
    computed reads it: its descendants are there.
    """
    targets = {node.key for node in graph.targets}
    wanted: set[str] = set()
    for node in reversed(graph.nodes):
        missing = not present(node)
        below = any(child.key in wanted for child in graph.children(node))
        if node.key in damaged or (missing and (node.key in targets or below)):
            wanted.add(node.key)
    return [node for node in graph.nodes if node.key in wanted]


class Schedule:
    """Hands out nodes whose parents are done, those with the longest path below them first.

    Args:
        graph: the whole graph.
        todo: the nodes of it to compute; all others count as done.
    """

    def __init__(self, graph: Graph, todo: Iterable[Node]) -> None:
        self._graph = graph
        self._todo = {node.key: node for node in todo}
        self._unfinished = set(self._todo)
        self._handed_out: set[str] = set()
        self._open = {key: self._unfinished_parents(node) for key, node in self._todo.items()}
        self._ready = [node for key, node in self._todo.items() if not self._open[key]]
        self._alone: set[str] = set()
        self._not_run: set[str] = set()
        self._stopped = False
        height: dict[str, int] = {}
        for node in reversed(list(self._todo.values())):
            height[node.key] = 1 + max((height.get(c.key, 0) for c in graph.children(node)), default=0)
        order = {key: index for index, key in enumerate(self._todo)}
        self._priority = {key: (-height[key], order[key]) for key in self._todo}

    @property
    def not_run(self) -> list[Node]:
        """The nodes that will not be computed, in topological order."""
        return [node for key, node in self._todo.items() if key in self._not_run & self._unfinished]

    def expects(self, node: Node) -> bool:
        """Whether ``node`` is still to get its result."""
        return node.key in self._unfinished

    def next_batch(self, *, slots: int, of: int) -> list[Node]:
        """The nodes to compute next, taken from the schedule; none if nothing is ready or its cores are not free.

        Ready nodes of one kind, group and thread count go together. The most urgent node is waited for, so that
        narrow ones do not keep a wide one out forever.

        Args:
            slots: free cores.
            of: all cores; a node that wants more gets them all.
        """
        if not self._ready:
            return []
        self._ready.sort(key=lambda node: self._priority[node.key])
        first = self._ready[0]
        if min(first.threads, of) > slots:
            return []
        batch = [first]
        if first.group and first.key not in self._alone:
            mark = (first.kind, first.group, first.threads)
            batch = [
                node
                for node in self._ready
                if (node.kind, node.group, node.threads) == mark and node.key not in self._alone
            ]
        taken = {node.key for node in batch}
        self._ready = [node for node in self._ready if node.key not in taken]
        self._handed_out |= taken
        return batch

    def done(self, node: Node) -> None:
        """``node`` has its result: its children may be ready."""
        self._unfinished.discard(node.key)
        self._handed_out.discard(node.key)
        for child in self._graph.children(node):
            waiting = self._open.get(child.key)
            if waiting is not None and node.key in waiting:
                waiting.discard(node.key)
                if not waiting and child.key not in self._not_run:
                    self._ready.append(child)

    def again(self, node: Node, *, alone: bool = True) -> None:
        """Hand ``node`` out once more, by itself or with its group, when its parents are done."""
        self._handed_out.discard(node.key)
        if alone:
            self._alone.add(node.key)
        if self._stopped:
            self._not_run.add(node.key)
        elif node.key not in self._not_run:
            self._open[node.key] = self._unfinished_parents(node)
            if not self._open[node.key]:
                self._ready.append(node)

    def reopen(self, nodes: Iterable[Node]) -> None:
        """Compute ``nodes``, which counted as done: who reads them and has not begun waits for them.

        Args:
            nodes: in topological order.
        """
        nodes = list(nodes)
        if self._stopped:
            self._not_run.update(node.key for node in nodes)
        self._todo.update({node.key: node for node in nodes})
        self._unfinished.update(node.key for node in nodes)
        most = min((height for height, _ in self._priority.values()), default=0)
        for place, node in enumerate(nodes):
            self._priority[node.key] = (most - len(nodes) + place, len(self._priority))
            self._open[node.key] = self._unfinished_parents(node)
        if self._stopped:
            return
        waiting = [node for node in self._ready if node not in nodes] + [n for n in nodes if not self._open[n.key]]
        for node in nodes:
            for child in self._graph.children(node):
                if child.key in self._unfinished - self._handed_out:
                    self._open[child.key].add(node.key)
        self._ready = [node for node in waiting if not self._open[node.key]]

    def failed(self, node: Node) -> None:
        """``node`` has no result: what is below it will not run."""
        self._handed_out.discard(node.key)
        self._not_run.update(n.key for n in self._graph.descendants(node) if n.key in self._todo)

    def stop(self, finished: Iterable[Node]) -> None:
        """Hand nothing out any more; all but ``finished`` and what runs now has not run."""
        self._stopped = True
        self._ready = []
        over = {node.key for node in finished}
        self._not_run.update(key for key in self._todo if key not in over)

    def _unfinished_parents(self, node: Node) -> set[str]:
        return {parent.key for parent in node.parents.values()} & self._unfinished
