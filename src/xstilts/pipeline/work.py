"""One call of an executor: what has been handed out, how it ended, and what is sent back to be computed again.

A phase finds damage when it opens a parent; whoever hands the nodes out finds it in a result that it is about to give
back. Both send the damaged node back, and what reads it waits. That happens to a node once in a run: where it is
damaged again, the disk or the memory is at fault, and more computing would not help.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from xstilts.pipeline.computing import damaged_parents
from xstilts.pipeline.crew import Batch, Crew, Worker
from xstilts.pipeline.executor import Failure, Outcome
from xstilts.pipeline.fingerprint import write_atomically
from xstilts.pipeline.graph import Graph
from xstilts.pipeline.node import JSON, Node
from xstilts.pipeline.progress import Sink
from xstilts.pipeline.schedule import Schedule
from xstilts.pipeline.store import Store

_POLL = 0.2


class Work:
    """One call of ``LocalExecutor.run``: what has been handed out and how it ended.

    Args:
        graph: all nodes.
        todo: those to compute, in topological order.
        crew: the workers, which are ended with the work.
        store: where results lie.
        sink: hears of everything.
        cores: how many to share out.
    """

    def __init__(self, graph: Graph, todo: Sequence[Node], *, crew: Crew, store: Store, sink: Sink, cores: int) -> None:
        self._graph, self._crew, self._store, self._sink, self._cores = graph, crew, store, sink, cores
        self._schedule = Schedule(graph, todo)
        self._damaged: set[Node] = set()
        self._done_at: dict[Node, int] = {}
        self._read: set[Node] = set()
        self._ran: set[Node] = set()
        self._found: set[Node] = set(graph.nodes) - set(todo)
        self._failed: dict[Node, Failure] = {}
        self._notes: dict[str, None] = {}
        self._batches = 0

    def until_done(self) -> None:
        """Hand out work and take results in until nothing runs, nothing is ready, and the results are read."""
        try:
            self._hand_out()
            while any(worker.batch for worker in self._crew.workers) or self._results_are_damaged():
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

    def found_damaged(self, node: Node, problem: str) -> None:
        """Say so of a node that is computed again."""
        self._damaged.add(node)
        self.note(f"{node.label or node.key}: {problem}; computing it again")

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
            # What cannot be read any more from a file that is mapped into memory ends the process.
            for problems in damaged_parents(batch.nodes, self._store).values():
                rest = {"state": "parents", "parents": problems}
        return {node.key: {"state": "ran"} if self._is_there(node) else rest for node in batch.nodes}

    def _is_there(self, node: Node) -> bool:
        return self._store.has(node.key) and self._store.check(node.key) is None

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
                self._done_at[node] = self._batches
            elif state == "again":
                self._schedule.again(node)
            elif state == "parents":
                self._without_parents(node, result["parents"], batch)
            elif state == "failed":
                self._fail(node, Failure(**result))
                full = full or self._failed[node].store_full
        self._sink.ended(batch.number, ran=counts["ran"], cached=counts["cached"], failed=counts["failed"])
        if full:
            self._stop()

    def _without_parents(self, node: Node, problems: Mapping[str, str], batch: Batch) -> None:
        """Parents are damaged: they are computed again, and then ``node``."""
        for parent in self._graph.parents(node):
            # One that was computed while the batch looked at it was seen as it had been before.
            if parent.key not in problems or self._done_at.get(parent, -1) >= batch.number:
                continue
            if not self._sent_back(parent, problems[parent.key]):
                self._fail(node, _damaged_again(parent, problems[parent.key]))
                return
        self._schedule.again(node, alone=False)

    def _results_are_damaged(self) -> bool:
        """Read every file of the targets that this run has computed; damaged ones are sent back."""
        sent_back = False
        for node in self._graph.targets:
            if node not in self._ran or node in self._read:
                continue
            problem = self._store.check(node.key, anew=True)
            if problem is None:
                self._read.add(node)
            elif self._sent_back(node, problem):
                sent_back = True
            else:
                self._ran.discard(node)
                self._fail(node, _damaged_again(node, problem))
        return sent_back

    def _sent_back(self, node: Node, problem: str) -> bool:
        """Have a damaged node computed again, with those above it that are missing; False if it was already."""
        if self._schedule.expects(node):
            return True
        if node in self._damaged:
            return False
        self.found_damaged(node, problem)
        wanted = {node}
        for above in reversed(self._graph.nodes):
            if above in wanted:
                parents = self._graph.parents(above)
                wanted.update(p for p in parents if not self._schedule.expects(p) and not self._store.has(p.key))
        self._sink.reopened(ran=len(wanted & self._ran), cached=len(wanted & self._found))
        self._ran -= wanted
        self._found -= wanted
        self._schedule.reopen([one for one in self._graph if one in wanted])
        return True

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


def _damaged_again(node: Node, problem: str) -> Failure:
    name = node.label or node.key
    fault = "the disk or the memory of this machine may be failing"
    return Failure(message=f"{name} was damaged again after it had been computed again: {problem}; {fault}")
