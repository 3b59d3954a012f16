"""Finds a room's module by name: the file name is the registered name.

Each extensible room names the constant by which its modules declare themselves (``TASK`` in a task's file).
Third parties add modules through the entry-point group ``xstilts.<room>``, whose entries point to a module.
Looking a room up imports its modules, so these must not import torch at top level.

There is a room of heads for each architecture, ``heads.<architecture>``, those of third parties included. What
``heads.any`` holds is found in each of them, second.
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
    "tasks.kinds": "KIND",
    "metrics": "METRIC",
    "models": "FAMILY",
    "models.architectures": "ARCHITECTURE",
    "heads.any": "HEAD",
    "heads.encoder": "HEAD",
    "heads.text_to_text": "HEAD",
    "heads.decoder": "HEAD",
    "data.transforms": "TRANSFORM",
    "training.objectives": "OBJECTIVE",
    "phases": "PHASE",
    "analysis.predictors": "PREDICTOR",
    "reports": "FORMAT",
}


HEADS, ANY = "heads.", "heads.any"


@functools.cache
def modules(room: str) -> dict[str, ModuleType]:
    """Every registered module of a room by name, in alphabetical order."""
    shared = _own(ANY) if room.startswith(HEADS) else {}
    return dict(sorted({**shared, **_own(room)}.items()))


def _own(room: str) -> dict[str, ModuleType]:
    """The modules of a room itself: those of its package, if it has one here, and those of entry points."""
    constant = _constant(room)
    found: dict[str, ModuleType] = {}
    if room in ROOMS:
        package = importlib.import_module(f"xstilts.{room}")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"xstilts.{room}.{info.name}")
            if hasattr(module, constant):
                found[info.name] = module
    for entry in importlib.metadata.entry_points(group=f"xstilts.{room}"):
        found.setdefault(entry.name, entry.load())
    return found


def _constant(room: str) -> str:
    """The constant by which the modules of a room declare themselves."""
    return ROOMS[ANY] if room.startswith(HEADS) else ROOMS[room]


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
        raise UnknownName(_noun(room), name, known, where=where)
    return getattr(known[name], _constant(room))


def _noun(room: str) -> str:
    """What a module of the room is called."""
    if room.startswith(HEADS):
        return f"{room.removeprefix(HEADS).replace('_', '-')} head"
    nouns = {
        "tasks.kinds": "kind of task",
        "data.transforms": "transform",
        "training.objectives": "objective",
        "phases": "method",
        "analysis.predictors": "predictor",
        "models": "model family",
        "models.architectures": "architecture",
        "reports": "report format",
    }
    return nouns.get(room, room.removesuffix("s"))
