"""Where a model trains: Accelerate places, distributes and gathers."""

from __future__ import annotations

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, GradientState

from xstilts.engine import memory


def accelerator_for(precision: str) -> Accelerator:
    """An accelerator for ``bf16`` or ``fp32`` on the device at hand.

    A warm worker trains one node after another, each with its own precision: the process-wide state of the last one
    is dropped first (the process group, where there is one, stays).
    """
    AcceleratorState._reset_state(reset_partial_state=False)
    GradientState._reset_state()
    return Accelerator(
        mixed_precision="bf16" if precision == "bf16" else "no",
        cpu=not torch.cuda.is_available(),
    )


def deterministic(*, threads: int) -> None:
    """Same numbers for the same thread count: deterministic kernels, fixed threads."""
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    memory.keep()
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    # The loop reads no memory that it has not written; filling all of it costs a third of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def seed_step(seed: int, step: int, rank: int = 0) -> None:
    """Seeds torch for one step: what it draws is a function of (seed, step, rank); resuming restores no generator."""
    number = ((seed * 1_000_003 + step) * 1_009 + rank) & 0x7FFF_FFFF_FFFF_FFFF
    # Not torch.manual_seed: for each kind of device that is absent it notes down where it was called from.
    torch.default_generator.manual_seed(number)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(number)
