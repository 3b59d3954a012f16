"""What a phase is: a kind of node and what runs it; and what a method is: a phase that an arm may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from xstilts.phases.options.arm import Arm
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store

if TYPE_CHECKING:
    from xstilts.phases.arm_plan import ArmPlan

Run = Callable[[Sequence[Node], Store, Progress], None]
"""Commits an entry for every node that it is given: one node, or a group that is evaluated in one pass."""
A = TypeVar("A", bound=Arm)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A kind of node; its module's name is the kind.

    Attributes:
        title: one line for people.
        run: what runs it.
        trains: whether it changes weights.
        paper: where it is described.
        version: raised when the code changes results.
        steps: further kinds of nodes that the same module runs: the step ``order`` of ``curriculum`` is the kind
            ``curriculum.order``.
    """

    title: str
    run: Run
    trains: bool = False
    paper: str | None = None
    version: int = 1
    steps: Mapping[str, Phase] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Method(Phase, Generic[A]):
    """A phase that an arm may name: `method: <the module's name>`.

    Attributes:
        arm: the keys of such an arm, and what it reads.
        nodes: the node that an arm of it ends in, under one seed, with all that it needs as parents. Its entry is a
            checkpoint, from which the targets are fine-tuned.
    """

    arm: type[A]
    nodes: Callable[[A, ArmPlan], Node]
