"""Finds a room's module by name: the file name is the registered name.

Each extensible room names the constant by which its modules declare themselves (``TASK`` in a task's file).
Third parties add modules through the entry-point group ``xstilts.<room>``, whose entries point to a module.
Looking a room up imports its modules, so these must not import torch at top level.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import pkgutil
from types import ModuleType
from typing import Any

from xstilts.errors import UnknownName

ROOMS = {
    "tasks": "TASK",
    "metrics": "METRIC",
    "models": "FAMILY",
    "heads.encoder": "HEAD",
    "heads.text_to_text": "HEAD",
    "heads.decoder": "HEAD",
    "training.objectives": "OBJECTIVE",
    "phases": "PHASE",
    "reports": "FORMAT",
}


@functools.cache
def modules(room: str) -> dict[str, ModuleType]:
    """Every registered module of a room by name, in alphabetical order."""
    constant = ROOMS[room]
    package = importlib.import_module(f"xstilts.{room}")
    found: dict[str, ModuleType] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"xstilts.{room}.{info.name}")
        if hasattr(module, constant):
            found[info.name] = module
    for entry in importlib.metadata.entry_points(group=f"xstilts.{room}"):
        found.setdefault(entry.name, entry.load())
    return dict(sorted(found.items()))


def names(room: str) -> tuple[str, ...]:
    """The registered names of a room."""
    return tuple(modules(room))


def find(room: str, name: str, *, where: str = "") -> Any:  # noqa: ANN401 – each room documents its own type
    """What the module ``name`` of ``room`` declares.

    Raises:
        UnknownName: no such module; the message names the nearest.
    """
    known = modules(room)
    if name not in known:
        noun = {
            "heads.encoder": "encoder head",
            "heads.text_to_text": "text-to-text head",
            "heads.decoder": "decoder head",
            "training.objectives": "objective",
            "phases": "method",
            "models": "model family",
            "reports": "report format",
        }.get(room, room.removesuffix("s"))
        raise UnknownName(noun, name, known, where=where)
    return getattr(known[name], ROOMS[room])
