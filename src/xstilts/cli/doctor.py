"""``xstilts doctor``: what this machine can run, and what is missing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
from pathlib import Path
from typing import Any

import typer

from xstilts.cli.options import JsonOption, StoreOption
from xstilts.cli.printing import bytes_text, print_fields, print_json, say
from xstilts.errors import UserError

ENOUGH_DISK = 2 << 30
ENOUGH_MEMORY = 4 << 30


def doctor(store: StoreOption = None, json: JsonOption = False) -> None:
    """Report what this machine can run, and what is missing.

    Exit code 1 if a required package is missing.
    """
    found = examine(store)
    if json:
        print_json(found)
    else:
        shown = {key: value for key, value in found.items() if key not in ("packages", "problems")}
        for key in ("memory", "memory_available", "disk_free"):
            shown[key] = bytes_text(found[key])
        print_fields(shown)
        print_fields({"packages": {name: version or "missing" for name, version in found["packages"].items()}})
        say()
        for problem in found["problems"]:
            say(f"problem: {problem}")
        if not found["problems"]:
            say("nothing is missing")
    if found["missing"]:
        raise typer.Exit(1)


def examine(location: str | None = None) -> dict[str, Any]:
    """Interpreter, packages, processor and GPU, memory, disk and hub settings, and a list of problems."""
    import psutil

    from xstilts import __version__

    store = _store(location)
    memory = psutil.virtual_memory()
    packages = _packages()
    missing = sorted(name for name, version in packages.items() if version is None)
    found = {
        "xstilts": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory": memory.total,
        "memory_available": memory.available,
        **store,
        **_torch(),
        "hub": _hub(),
        "packages": packages,
        "missing": missing,
    }
    return {**found, "problems": _problems(found)}


def _store(location: str | None) -> dict[str, Any]:
    """Where results are kept; a store that cannot be read is a finding, not a crash."""
    from xstilts.pipeline.locations import open_store
    from xstilts.runs import folders

    location = location or folders.default_store()
    found: dict[str, Any] = {"store": location, "disk_free": shutil.disk_usage(Path.cwd()).free}
    try:
        store = open_store(location)
        found = {"store": store.location, "disk_free": shutil.disk_usage(_existing_parent(store.root)).free}
        store.connect()
    except UserError as error:
        found["store_error"] = str(error)
    return found


def _packages() -> dict[str, str | None]:
    """The version of every package that xstilts needs, None where it is missing."""
    needed: dict[str, str | None] = {}
    for requirement in importlib.metadata.requires("xstilts") or ():
        name, _, marker = requirement.partition(";")
        if "extra" not in marker:
            distribution = re.split(r"[^\w.-]", name.strip(), maxsplit=1)[0]
            needed[distribution] = _version(distribution)
    return dict(sorted(needed.items()))


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _torch() -> dict[str, Any]:
    """What torch sees; a torch that cannot be imported is a finding, not a crash."""
    try:
        import torch
    except Exception as error:
        return {"torch_error": f"{type(error).__name__}: {error}", "gpus": []}
    cuda = torch.cuda.is_available()
    gpus = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())] if cuda else []
    return {"torch": torch.__version__, "threads": torch.get_num_threads(), "gpus": gpus, "bf16": _bf16(cuda)}


def _bf16(cuda: bool) -> str:
    """``native`` where the device multiplies bf16 itself; ``emulated`` is as correct, and slower."""
    import torch

    if cuda:
        return "native" if torch.cuda.is_bf16_supported(including_emulation=False) else "emulated"
    try:
        return "native" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "emulated"
    except (AttributeError, RuntimeError):
        return "unknown"


def _hub() -> str:
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
    endpoint = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    return "offline (HF_HUB_OFFLINE is set)" if offline else f"{endpoint} (not contacted)"


def _existing_parent(path: Path) -> Path:
    path = path.absolute()
    while not path.exists():
        path = path.parent
    return path


def _problems(found: dict[str, Any]) -> list[str]:
    problems = [f"package {name} is missing: pip install {name}" for name in found["missing"]]
    if "store_error" in found:
        problems.append(found["store_error"])
    if "torch_error" in found:
        problems.append(f"torch cannot be imported: {found['torch_error']}")
    if found["disk_free"] < ENOUGH_DISK:
        problems.append(f"only {bytes_text(found['disk_free'])} free on the disk of the store")
    if found["memory_available"] < ENOUGH_MEMORY:
        problems.append(f"only {bytes_text(found['memory_available'])} of memory free")
    return problems
