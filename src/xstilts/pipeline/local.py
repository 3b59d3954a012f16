"""The executor on this machine's cores: warm worker processes over a shared store."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

from xstilts.pipeline.crew import Batch, Crew, Worker
from xstilts.pipeline.executor import Failure, Outcome
from xstilts.pipeline.fingerprint import write_atomically
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.node import JSON, Node
from xstilts.pipeline.progress import Silent, Sink
from xstilts.pipeline.schedule import Schedule, needed
from xstilts.pipeline.store import Store

_POLL = 0.2


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
            work = _Work(self, graph, todo)
            self.progress.begin(total=len(graph), cached=len(graph) - len(todo))
            for node in todo:
                if node.key in damaged:
                    work.note(f"{node.label or node.key}: {damaged[node.key]}; computing it again")
            work.until_done()
            return work.outcome()

    def _todo(self, graph: Graph) -> tuple[list[Node], dict[str, str]]:
        """What must be computed, and which entries are damaged and what is wrong with them.

        Of entries that must first be brought here, only those that will be read are looked at: targets, and parents of
        what must be computed. Each that is damaged must be computed as well, and so reads others.
        """
        present = {node.key: None for node in graph if self.store.has(node.key)}
        problems = {key: self.store.check(key) for key in present}
        damaged = {key: problem for key, problem in problems.items() if problem}
        targets, staged = {node.key for node in graph.targets}, set[str]()
        while True:
            todo = needed(graph, present=lambda node: node.key in present, damaged=damaged)
            read = targets | {parent.key for node in todo for parent in node.parents.values()}
            read -= staged | {node.key for node in todo}
            found = self.store.stage(sorted(read))
            if not found:
                return todo, damaged
            staged |= read
            damaged |= found


class _Work:
    """One call of ``LocalExecutor.run``: what has been handed out and how it ended."""

    def __init__(self, executor: LocalExecutor, graph: Graph, todo: list[Node]) -> None:
        self._store, self._sink, self._cores = executor.store, executor.progress, executor.cores
        self._graph, self._todo = graph, todo
        self._schedule = Schedule(graph, todo)
        self._crew = Crew(run=executor.run_function, store=executor.store, environment=executor.environment)
        self._ran: set[Node] = set()
        self._found: set[Node] = set(graph.nodes) - set(todo)
        self._failed: dict[Node, Failure] = {}
        self._notes: dict[str, None] = {}
        self._batches = 0

    def until_done(self) -> None:
        """Hand out work and take results in until nothing runs and nothing is ready."""
        try:
            self._hand_out()
            while any(worker.batch for worker in self._crew.workers):
                self._crew.wait(_POLL)
                for worker in list(self._crew.workers):
                    self._listen_to(worker)
                self._hand_out()
                self._sink.tick()
        finally:
            self._crew.close()

    def outcome(self) -> Outcome:
        """How it ended, in the graph's order."""
        not_run = set(self._schedule.not_run)
        return Outcome(
            ran=[node for node in self._graph if node in self._ran],
            cached=[node for node in self._graph if node in self._found],
            failed={node: self._failed[node] for node in self._graph if node in self._failed},
            not_run=[node for node in self._graph if node in not_run],
            notes=list(self._notes),
        )

    def note(self, text: str) -> None:
        """Show a warning and keep it, each once."""
        if text not in self._notes:
            self._notes[text] = None
            self._sink.note(text)

    def _hand_out(self) -> None:
        while True:
            busy = sum(worker.batch.slots for worker in self._crew.workers if worker.batch)
            nodes = self._schedule.next_batch(slots=self._cores - busy, of=self._cores)
            if not nodes:
                return
            self._batches += 1
            batch = Batch(self._batches, nodes, slots=min(max(nodes[0].threads, 1), self._cores))
            self._sink.started(batch.number, batch.label, nodes=len(nodes))
            self._crew.give(batch, threads=nodes[0].threads)

    def _listen_to(self, worker: Worker) -> None:
        # Asked first: what a process says before its end must not be lost to the news of its end.
        death = worker.death()
        for event in worker.events():
            batch = worker.batch
            if batch is None:
                continue
            if event["event"] == "update":
                self._sink.advanced(batch.number, *event["args"], tokens=event["tokens"], message=event["message"])
            elif event["event"] == "note":
                self.note(f"{batch.label}: {event['text']}")
            else:
                worker.batch = None
                self._take(batch, event["results"])
        if death is not None:
            batch, words = worker.batch, worker.last_words()
            self._crew.dismiss(worker)
            if batch is not None:
                self._take(batch, self._after_death(batch, death, words))

    def _after_death(self, batch: Batch, death: str, words: str) -> dict[str, dict[str, JSON]]:
        """What is committed counts; of several nodes the others are tried one by one, a single one has failed."""
        rest: dict[str, JSON] = {"state": "again"}
        if len(batch.nodes) == 1:
            rest = {"state": "failed", "message": death, "traceback_text": words}
        return {node.key: {"state": "ran"} if self._store.has(node.key) else rest for node in batch.nodes}

    def _take(self, batch: Batch, results: Mapping[str, Mapping[str, JSON]]) -> None:
        counts = {"ran": 0, "cached": 0, "failed": 0}
        full = False
        for node in batch.nodes:
            result = dict(results[node.key])
            state = result.pop("state")
            counts[state] = counts.get(state, 0) + 1
            if state in ("ran", "cached"):
                (self._ran if state == "ran" else self._found).add(node)
                self._schedule.done(node)
            elif state == "again":
                self._schedule.again(node)
            elif state == "failed":
                self._fail(node, Failure(**result))
                full = full or self._failed[node].store_full
        self._sink.ended(batch.number, ran=counts["ran"], cached=counts["cached"], failed=counts["failed"])
        if full:
            self._stop()

    def _fail(self, node: Node, failure: Failure) -> None:
        message = failure.message
        if failure.traceback_text:
            path = self._store.root / "failures" / f"{node.key}.txt"
            with contextlib.suppress(OSError):
                write_atomically(path, f"{node.label}\n{message}\n\n{failure.traceback_text}\n")
                message += f" (details: {path})"
        self._failed[node] = Failure(
            message=message,
            traceback_text=failure.traceback_text,
            user_error=failure.user_error,
            store_full=failure.store_full,
        )
        self._schedule.failed(node)

    def _stop(self) -> None:
        running = [node for worker in self._crew.workers if worker.batch for node in worker.batch.nodes]
        self._schedule.stop([*self._ran, *self._found, *self._failed, *running])


def available_cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
