"""How long a run takes by the clock: its nodes on the cores that there are, in the order in which they are handed out.

As `pipeline.local` does it: the node with the longest path below it first; a node of several threads waits until as
many cores are free; nodes of one group are computed in one pass.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from xstilts.pipeline.node import Node


@dataclass(eq=False)
class _Job:
    """Nodes that are computed together."""

    threads: int
    seconds: float = 0.0
    waits_for: set[_Job] = field(default_factory=set)
    below: set[_Job] = field(default_factory=set)
    height: int = 1


def wall_seconds(nodes: Iterable[Node], seconds: Mapping[str, float], *, cores: int) -> float:
    """The clock's time of a run.

    Args:
        nodes: parents first.
        seconds: key → seconds, of those that are to be computed.
        cores: that they share.
    """
    jobs = _jobs(nodes, seconds, cores=cores)
    for job in reversed(jobs):
        job.height = 1 + max((other.height for other in job.below), default=0)
    order = {job: index for index, job in enumerate(jobs)}
    ready = [(-job.height, order[job], job) for job in jobs if not job.waits_for]
    heapq.heapify(ready)
    running: list[tuple[float, int, _Job]] = []
    now, free = 0.0, cores
    while ready or running:
        while ready and ready[0][2].threads <= free:
            job = heapq.heappop(ready)[2]
            free -= job.threads
            heapq.heappush(running, (now + job.seconds, order[job], job))
        now, _, done = heapq.heappop(running)
        free += done.threads
        for job in done.below:
            job.waits_for.discard(done)
            if not job.waits_for:
                heapq.heappush(ready, (-job.height, order[job], job))
    return now


def _jobs(nodes: Iterable[Node], seconds: Mapping[str, float], *, cores: int) -> list[_Job]:
    """What is handed out as one, parents first."""
    jobs: dict[tuple[str, ...], _Job] = {}
    of_node: dict[str, _Job] = {}
    for node in nodes:
        if node.key not in seconds:
            continue
        mark = (node.kind, node.group) if node.group else (node.key,)
        job = jobs.setdefault(mark, _Job(threads=min(max(node.threads, 1), cores)))
        job.seconds += seconds[node.key]
        of_node[node.key] = job
        for parent in node.parents.values():
            before = of_node.get(parent.key)
            if before is not None and before is not job:
                job.waits_for.add(before)
                before.below.add(job)
    return list(jobs.values())
