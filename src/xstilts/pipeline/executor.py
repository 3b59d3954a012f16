"""What runs a graph, and how a run ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from xstilts.pipeline.graph import Graph
from xstilts.pipeline.node import Node


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a node has no result."""

    message: str
    """One line for people: the error's type and text, and where its traceback lies."""
    traceback_text: str = ""
    """Of an unexpected error; empty for those that xstilts raises on purpose."""
    user_error: bool = False
    store_full: bool = False


@dataclass
class Outcome:
    """Where every node of a graph ended, each list in the graph's order."""

    ran: list[Node] = field(default_factory=list)
    cached: list[Node] = field(default_factory=list)
    """Found in the store, computed by another run meanwhile, or not needed by anything that had to run."""
    failed: dict[Node, Failure] = field(default_factory=dict)
    not_run: list[Node] = field(default_factory=list)
    """Below a failed node, or left when the store was full."""
    notes: list[str] = field(default_factory=list)
    """Warnings raised on the way, each once."""

    @property
    def ok(self) -> bool:
        """Whether every result that was wanted is there."""
        return not self.failed and not self.not_run

    @property
    def exit_code(self) -> int:
        """0 done; 2 a node failed by the user's mistake; 1 any other failure, and always when the disk is full."""
        failures = self.failed.values()
        if self.ok or any(failure.store_full for failure in failures):
            return 0 if self.ok else 1
        return 2 if any(failure.user_error for failure in failures) else 1


class Executor(Protocol):
    """Computes what a graph lacks; raises nothing that a node raised."""

    def run(self, graph: Graph) -> Outcome:
        """Bring every target of ``graph`` into the store, as far as it goes."""
        ...
