"""Which examples a step sees: a pure function of (seed, step), so that resuming needs no sampler state."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

POOL = 16
"""Batches that are sorted by length together; the batches themselves are shuffled."""


class ExampleSampler:
    """Batches of a fixed number of examples, of similar length, each example once per epoch.

    Args:
        lengths: tokens of each example's longest row [E].
        batch_size: examples per batch; the last batch of an epoch may be smaller.
        seed: all draws derive from it.
    """

    def __init__(self, lengths: NDArray[np.int64], *, batch_size: int, seed: int) -> None:
        self.lengths, self.batch_size, self.seed = lengths, batch_size, seed
        self.batches_per_epoch = -(-len(lengths) // batch_size)
        self._epoch = lru_cache(maxsize=2)(self._draw_epoch)

    def batch(self, index: int) -> NDArray[np.int64]:
        """The examples of the batch with this index, counted from 0 over all epochs."""
        epoch, position = divmod(index, self.batches_per_epoch)
        return self._epoch(epoch)[position]

    def _draw_epoch(self, epoch: int) -> list[NDArray[np.int64]]:
        rng = np.random.default_rng([self.seed, epoch, 0x5A])
        order = rng.permutation(len(self.lengths))
        batches: list[NDArray[np.int64]] = []
        for start in range(0, len(order), POOL * self.batch_size):
            pool = order[start : start + POOL * self.batch_size]
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            batches += [pool[i : i + self.batch_size] for i in range(0, len(pool), self.batch_size)]
        return [batches[i] for i in rng.permutation(len(batches))]


def mixture(
    sizes: Sequence[int], *, method: str, cap: int | None = None, temperature: float = 1.0
) -> NDArray[np.float64]:
    """The share of each task in a multi-task mixture.

    Args:
        sizes: training examples of each task.
        method: ``proportional`` (p ∝ min(n, cap)), ``temperature`` (p ∝ min(n, cap)^(1/temperature)), ``uniform``.
        cap: K of the study, 2^17 there; None: no cap.
        temperature: above 1 flattens.

    Returns:
        Probabilities [tasks], summing to 1 (Raffel et al. 2020, section 3.5.2).
    """
    n = np.asarray(sizes, dtype=np.float64)
    capped = np.minimum(n, cap) if cap is not None else n
    weights = (
        np.ones_like(n) if method == "uniform" else capped ** (1.0 / (temperature if method == "temperature" else 1.0))
    )
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def steps_beside(steps: int, share: float) -> int:
    """Steps to add to ``steps`` so that the added ones are ``share`` of all; one at least."""
    return max(1, round(steps * share / (1.0 - share)))


def schedule(
    probabilities: NDArray[np.float64], steps: int, *, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which task each step trains, and the how-many-eth batch of that task it is (both [steps]).

    The counts follow the probabilities as closely as whole steps can (largest remainder); only the order is drawn.
    """
    exact = probabilities * steps
    counts = np.floor(exact).astype(np.int64)
    short = steps - int(counts.sum())
    counts[np.argsort(-(exact - counts), kind="stable")[:short]] += 1
    tasks = np.random.default_rng([seed, 0x3C]).permutation(np.repeat(np.arange(len(counts)), counts))
    positions = np.zeros(steps, dtype=np.int64)
    for task in range(len(counts)):
        chosen = tasks == task
        positions[chosen] = np.arange(int(chosen.sum()))
    return tasks.astype(np.int64), positions
