"""What a phase is: a kind of node and what runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store

Run = Callable[[Sequence[Node], Store, Progress], None]
"""Commits an entry for every node that it is given: one node, or a group that is evaluated in one pass."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A method; its module's name is the kind of its nodes.

    Attributes:
        title: one line for people.
        run: what runs it.
        trains: whether it changes weights.
        paper: where the method is described.
        version: raised when the code changes results.
    """

    title: str
    run: Run
    trains: bool = False
    paper: str | None = None
    version: int = 1
