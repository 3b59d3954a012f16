"""What a reader did that people should know: rows that it left out, offsets that it repaired, a layout that it took.

A reader says so with ``note``; whoever reads a set of files collects what was said with ``collected``. Where nobody
collects, it is dropped: reading a file twice says nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_open: ContextVar[dict[str, None] | None] = ContextVar("notes of readers", default=None)


def note(text: str, *, file: Path, line: int | None = None) -> None:
    """Says something about a file; the same thing only once.

    Args:
        text: what happened, how often, and what becomes of it.
        file: named in the note by its name.
        line: from 1, of the first row that is meant.
    """
    found = _open.get()
    if found is not None:
        found[f"{file.name}{f':{line}' if line is not None else ''}: {text}"] = None


@contextmanager
def collected() -> Iterator[list[str]]:
    """Collects, in order, what readers say within the ``with``; the list is filled when it ends."""
    found: dict[str, None] = {}
    notes: list[str] = []
    before = _open.set(found)
    try:
        yield notes
    finally:
        _open.reset(before)
        notes.extend(found)
