"""Where a model trains: Accelerate places, distributes and gathers."""

from __future__ import annotations

import ctypes

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, GradientState

from xstilts.engine.dropout import MASKS

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Options of glibc's mallopt (malloc.h)."""


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


def keep_memory() -> None:
    """Lets the C library keep what torch frees: a step allocates what the last one did, and page faults are dear.

    Arrays of 32 MiB and more are still given back at once.
    """
    option = getattr(ctypes.CDLL(None), "mallopt", None)
    if option is not None:  # glibc alone has it
        option(_MMAP_THRESHOLD, 32 * 2**20)
        option(_TRIM_THRESHOLD, 2**30)


def give_back_memory() -> None:
    """Returns to the system what `keep_memory` kept."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def deterministic(*, threads: int) -> None:
    """Same numbers for the same thread count: deterministic kernels, fixed threads."""
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    keep_memory()
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    # The loop reads no memory that it has not written; filling all of it costs a third of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def seed_step(seed: int, step: int, rank: int = 0) -> None:
    """Seeds torch for one step: dropout is a function of (seed, step, rank), so resuming restores no generator."""
    MASKS.seed(seed, step, rank)
    number = ((seed * 1_000_003 + step) * 1_009 + rank) & 0x7FFF_FFFF_FFFF_FFFF
    # Not torch.manual_seed: for each kind of device that is absent it notes down where it was called from.
    torch.default_generator.manual_seed(number)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(number)
