"""What goes to stdout and what to stderr: results there, everything else here."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any


def say(text: str = "") -> None:
    """A line of the result, on stdout."""
    print(text)


def note(text: str) -> None:
    """A remark, on stderr."""
    print(text, file=sys.stderr)


def print_json(value: object) -> None:
    """One JSON value on stdout; NaN and infinity, which JSON does not have, are null."""
    print(json.dumps(as_json(value), ensure_ascii=False, allow_nan=False))


def as_json(value: object) -> Any:  # noqa: ANN401 – any JSON value
    """Dataclasses as objects, tuples and sets as lists, paths as text, functions by name."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(as_json(item) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [as_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Path):
        return str(value)
    return getattr(value, "__qualname__", None) or str(value)


def print_table(rows: Sequence[Mapping[str, object]], columns: Mapping[str, str]) -> None:
    """Aligned columns under headings; numbers to the right, missing values as a dash."""
    if not rows:
        return
    cells = [[_cell(row.get(key)) for key in columns] for row in rows]
    right = [all(isinstance(row.get(key), int | float | None) for row in rows) for key in columns]
    widths = [max(len(line[i]) for line in [list(columns.values()), *cells]) for i in range(len(columns))]
    for line in [list(columns.values()), *cells]:
        parts = [text.rjust(w) if r else text.ljust(w) for text, w, r in zip(line, widths, right, strict=True)]
        say("  ".join(parts).rstrip())


def _cell(value: object) -> str:
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_cell(item)}" for key, item in value.items()) or "–"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "–"
    return str(value)


def print_fields(values: Mapping[str, object]) -> None:
    """``name: value`` lines, lists and mappings indented; what is empty is left out."""
    for key, value in values.items():
        if value in (None, "", (), []) or value == {}:
            continue
        title = key.replace("_", " ")
        if isinstance(value, Mapping):
            say(f"{title}:")
            for name, item in value.items():
                say(f"  {name}: {_cell(item)}")
        else:
            say(f"{title}: {_cell(value)}")


def bytes_text(count: float) -> str:
    """``1.5 GiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def seconds_text(seconds: float) -> str:
    """``1 h 05 min``, ``3 min 20 s``, ``4 s``."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 60} min {whole % 60:02d} s" if whole >= 60 else f"{whole} s"


def count_text(count: float) -> str:
    """``950``, ``12.3 k``, ``4.56 M``, ``7.8e+15``: three digits of a large number."""
    for limit, unit in ((1e3, ""), (1e6, " k"), (1e9, " M"), (1e12, " G"), (1e15, " T")):
        if abs(count) < limit:
            return f"{count / (limit / 1e3):.3g}{unit}"
    return f"{count:.3g}"


@contextlib.contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """While the block runs, what prints to stdout, workers included, prints to stderr: stdout is for the result."""
    sys.stdout.flush()
    saved = os.dup(1)
    try:
        os.dup2(2, 1)
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
