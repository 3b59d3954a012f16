"""What a worker process does with memory that it has used: keeps it for the next step, and gives back what is much.

A step allocates what the last one did. glibc would ask the kernel for every large array anew and give it back at once,
and page faults were a tenth of a training step (measured on two cores). So large arrays come from the heap like small
ones, and the heap's end goes back to the system only beyond `KEPT` bytes. Twice memory is given back before that: at
the end of a training, so that what it took and the whole vocabulary that is then written do not add up, and after a
node that leaves the process with more than `LARGE` bytes. A process whose environment sets one of the variables below
keeps its own value. Other C libraries ignore them.

Nothing here imports torch.
"""

from __future__ import annotations

import ctypes
import gc
import os

KEPT = 2**30
"""Bytes of unused memory that a process keeps."""
LARGE = 3 * 2**29
"""Bytes that a process may hold after a node before it gives memory back: below, the next node may have it."""

ENVIRONMENT = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(KEPT),
    # Every new shape of a matrix product leaves a compiled kernel behind (milliseconds, up to a megabyte). Packed
    # batches come in few shapes, which these hold.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "256",
}
"""Variables of a worker's environment, which glibc and oneDNN read when they are loaded."""

_OPTIONS = {"MALLOC_MMAP_MAX_": -4, "MALLOC_TRIM_THRESHOLD_": -1}
"""The same as options of glibc's mallopt (malloc.h), for a process that was started without them."""


def keep() -> None:
    """Makes this process keep memory, as a worker does from its start."""
    option = getattr(ctypes.CDLL(None), "mallopt", None)
    if option is None:  # glibc alone has it
        return
    for variable, number in _OPTIONS.items():
        option(number, int(os.environ.get(variable, ENVIRONMENT[variable])))


def give_back() -> None:
    """Returns unused memory to the system."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def between_nodes() -> None:
    """Gives back what a large node leaves behind, garbage first."""
    import psutil

    if psutil.Process().memory_info().rss >= LARGE:
        gc.collect()
        give_back()
