"""What the machine is, what it can do at most, and what a process takes of it. Imports torch only where it is asked."""

from __future__ import annotations

import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

PACKAGES = ("xstilts", "torch", "transformers", "accelerate", "tokenizers", "datasets", "numpy", "faiss-cpu")
FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
"""Of the processor, which decide how fast products are."""


def facts(threads: int) -> dict[str, Any]:
    """Processor or GPU, threads, and the versions that numbers depend on."""
    found = {
        "processor": _processor("model name") or platform.processor() or platform.machine(),
        "flags": [flag for flag in FLAGS if flag in _processor("flags").split()],
        "cores": os.cpu_count(),
        "threads": threads,
        "gpu": _gpu(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def set_up_as_a_run_does() -> None:
    """What a worker process of a run sets in its environment, before torch is loaded."""
    from xstilts.engine import memory

    for variable, value in memory.ENVIRONMENT.items():
        os.environ.setdefault(variable, value)


def ceilings(threads: int) -> dict[str, float]:
    """GFLOP/s of square matrix products (2,048; on a GPU 8,192), the median of several."""
    import torch

    torch.set_num_threads(threads)
    device, size = ("cuda", 8192) if torch.cuda.is_available() else ("cpu", 2048)
    found = {}
    for name, dtype, times in (("bf16", torch.bfloat16, 15), ("fp32", torch.float32, 5)):
        left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
        out, taken = torch.empty_like(left), []
        synchronize()
        for _ in range(times + 2):
            begun = time.perf_counter()
            torch.mm(left, right, out=out)
            synchronize()
            taken.append(time.perf_counter() - begun)
        found[name] = 2e-9 * size**3 / median(taken[2:])
    return found


def device() -> str:
    """``cuda`` where there is a GPU, else ``cpu``."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def synchronize() -> None:
    """Waits for the GPU, so that a clock read afterwards counts what was asked of it before."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def warm_up() -> None:
    """Starts the GPU's libraries, which takes up to seconds and is nobody's work."""
    import torch

    if torch.cuda.is_available():
        one = torch.ones(64, 64, device="cuda", dtype=torch.bfloat16)
        (one @ one).sum().item()


def clocks() -> tuple[float, float]:
    """Seconds of the clock, and of all processors (children that ended included)."""
    return time.perf_counter(), time.process_time() + sum(os.times()[2:4])


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What ``work`` gives, and its seconds."""
    before, processor = clocks()
    done = work()
    after, processor_after = clocks()
    return done, {"seconds": after - before, "processor_seconds": processor_after - processor}


def peaks() -> dict[str, float]:
    """Most memory that this process has held; where it used a GPU, of what torch allocated there, and beside it."""
    torch, host = sys.modules.get("torch"), host_peak_mib()
    if torch is None or not torch.cuda.is_initialized():
        return {"peak_mib": host}
    return {"peak_mib": float(torch.cuda.max_memory_allocated() / 2**20), "host_peak_mib": host}


def host_peak_mib() -> float:
    """Peak resident memory of this process or one of its children; ``ru_maxrss`` may be that of whoever started it."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    status = Path("/proc/self/status")
    if not status.exists():  # macOS counts bytes
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return max(own, children) / (2**20 if platform.system() == "Darwin" else 2**10)
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return max(int(line.split()[1]), children) / 2**10


def _processor(key: str) -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.split("\t")[0].strip() == key), "")


def _gpu() -> str | None:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None
