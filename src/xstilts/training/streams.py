"""What a run trains on: streams of examples, and which of them each step takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xstilts.heads.head import Head
from xstilts.heads.rows import Rows
from xstilts.training import sampling
from xstilts.training.objectives.objective import Objective
from xstilts.training.objectives.plain import Plain
from xstilts.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One task's training rows, and the objective under which they train."""

    task: str
    head: Head
    rows: Rows
    seed: int
    batch_size: int
    objective: Objective = field(default_factory=Plain)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each example's rows start [E + 1]."""
        return self.rows.of_examples()

    @cached_property
    def sampler(self) -> sampling.ExampleSampler:
        """Draws batches of examples."""
        longest = np.maximum.reduceat(self.rows.lengths, self.starts[:-1])
        return sampling.ExampleSampler(longest, batch_size=self.batch_size, seed=self.seed)

    def batch(self, index: int) -> list[NDArray[np.int64]]:
        """The rows of each example of the batch with this index."""
        return [np.arange(self.starts[e], self.starts[e + 1]) for e in self.sampler.batch(index)]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which task and which of its batches each step trains."""

    tasks: NDArray[np.int64]
    positions: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.tasks)


def plan_steps(
    streams: Sequence[Stream],
    recipe: Recipe,
    *,
    seed: int,
    mixing: str = "proportional",
    cap: int | None = None,
    temperature: float = 1.0,
) -> Plan:
    """The steps of a run: the epochs of one task, or of a mixture of several (``cap`` examples of each an epoch)."""
    sizes = [len(stream.starts) - 1 for stream in streams]
    if len(streams) == 1:
        steps = math.ceil(streams[0].sampler.batches_per_epoch * recipe.epochs)
    else:
        steps = math.ceil(sum(min(n, cap) if cap else n for n in sizes) * recipe.epochs / recipe.batch_size)
    steps = max(1, min(steps, recipe.max_steps or steps))
    shares = sampling.mixture(sizes, method=mixing, cap=cap, temperature=temperature)
    tasks, positions = sampling.schedule(shares, steps, seed=seed)
    return Plan(tasks=tasks, positions=positions)


def plan_streams(streams: Sequence[Stream], recipe: Recipe, *, seed: int) -> Plan:
    """The epochs of every stream, each batch once an epoch, in a drawn order: objectives trained side by side."""
    counts = np.array([math.ceil(stream.sampler.batches_per_epoch * recipe.epochs) for stream in streams])
    steps = int(max(1, min(counts.sum(), recipe.max_steps or counts.sum())))
    tasks, positions = sampling.schedule(counts / counts.sum(), steps, seed=seed)
    return Plan(tasks=tasks, positions=positions)


def plan_beside(plan: Plan, *, task: int, share: float, seed: int) -> Plan:
    """``plan`` with steps of a further task among its own: ``share`` of all steps.

    The steps of ``plan`` stay, all of them and in their order; only where the others stand among them is drawn.
    """
    added = sampling.steps_beside(len(plan), share)
    total = len(plan) + added
    beside = np.zeros(total, dtype=bool)
    beside[np.random.default_rng([seed, 0x4D]).permutation(total)[:added]] = True
    tasks, positions = np.full(total, task, dtype=np.int64), np.zeros(total, dtype=np.int64)
    tasks[~beside], positions[~beside] = plan.tasks, plan.positions
    positions[beside] = np.arange(added)
    return Plan(tasks=tasks, positions=positions)
