"""The executor on this machine's cores: warm worker processes over a shared store."""

from __future__ import annotations

import os
from collections.abc import Mapping

from xstilts.pipeline.crew import Crew
from xstilts.pipeline.executor import Outcome
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Silent, Sink
from xstilts.pipeline.schedule import needed
from xstilts.pipeline.scrub import scrub
from xstilts.pipeline.store import Store
from xstilts.pipeline.work import Work


class LocalExecutor:
    """Runs a graph on this machine.

    A failed node stops only what is below it. A full disk stops the rest of the run. Ctrl-C stops the workers and is
    raised again. Whatever the end, what finished is in the store, and the next run takes it from there.

    Args:
        store: where results lie.
        run: import string ``package.module:function``, found in the workers only; called as
            ``function(nodes, store, progress)`` with nodes of one kind and group whose parents are in the store. It
            must commit an entry for each of them, and read no entries but those of their direct parents.
        cores: how many to share out among nodes by ``Node.threads``; those this process may use if not given.
        progress: hears of everything.
        environment: variables that workers are started with, where this process does not set them itself.
    """

    def __init__(
        self,
        *,
        store: Store,
        run: str,
        cores: int | None = None,
        progress: Sink | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.store, self.run_function, self.environment = store, run, environment or {}
        self.cores = max(1, cores or available_cores())
        self.progress = progress or Silent()

    def run(self, graph: Graph) -> Outcome:
        """Bring every target of ``graph`` into the store, as far as it goes; raises nothing that a node raised."""
        with self.store.in_use(node.key for node in graph), self.progress:
            todo, damaged = self._todo(graph)
            if todo:
                self.store.require_writable()
            crew = Crew(run=self.run_function, store=self.store, environment=self.environment)
            work = Work(graph, todo, crew=crew, store=self.store, sink=self.progress, cores=self.cores)
            self.progress.begin(total=len(graph), cached=len(graph) - len(todo))
            for node in todo:
                if node.key in damaged:
                    work.found_damaged(node, damaged[node.key])
            work.until_done()
            return work.outcome()

    def _todo(self, graph: Graph) -> tuple[list[Node], dict[str, str]]:
        """What must be computed, and which entries are damaged and what is wrong with them.

        Every file of the targets is read, since they are what a run reports; of the others those whose stamps have
        changed, and some more (see ``scrub``). What is computed from is read by whoever computes.

        Of entries that must first be brought here, only those that will be read are looked at: targets, and parents of
        what must be computed. Each that is damaged must be computed as well, and so reads others.
        """
        present = {node.key: None for node in graph if self.store.has(node.key)}
        targets, staged = {node.key for node in graph.targets}, set[str]()
        problems = {key: self.store.check(key, anew=key in targets) for key in present}
        problems |= scrub(self.store, [key for key in present if not problems[key] and key not in targets])
        damaged = {key: problem for key, problem in problems.items() if problem}
        while True:
            todo = needed(graph, present=lambda node: node.key in present, damaged=damaged)
            read = targets | {parent.key for node in todo for parent in node.parents.values()}
            read -= staged | {node.key for node in todo}
            found = self.store.stage(sorted(read))
            if not found:
                return todo, damaged
            staged |= read
            damaged |= found


def available_cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
