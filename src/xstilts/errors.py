"""Every error that a user can cause, and the two that a run can end in.

XstiltsError
├── UserError            exit code 2: the user's mistake, one message, no traceback
│   ├── UnknownName      a task, key, language, flag value … that does not exist; names the nearest
│   ├── ConfigError      an experiment file or a setting
│   │   └── NotFound     a file or folder that an experiment names and that does not exist
│   ├── DataError        a data file: names file, and line and column if there are any
│   └── CheckpointError  a model that cannot be loaded
└── RunError             exit code 1: a node failed, the disk is full; finished nodes are kept
    └── StoreFull
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path

_ENDLESS = re.compile(r"[^\s/]{300,}")
"""A word without end, of a damaged file or a number of thousands of digits: a message shows its beginning."""


class XstiltsError(Exception):
    """Base of all errors that xstilts raises on purpose."""

    exit_code = 1


class UserError(XstiltsError):
    """The user's mistake: what was given, where, what is known, the nearest fix."""

    exit_code = 2


class UnknownName(UserError):
    """A name that is not among the known ones.

    Args:
        what: the noun, e.g. ``"task"`` or ``"key"``.
        given: what the user wrote.
        known: every name that would have been accepted.
        where: file, line or key path in which it was written.
        hint: a further sentence, e.g. how to list them.
    """

    def __init__(self, what: str, given: str, known: Iterable[str], *, where: str | Path = "", hint: str = "") -> None:
        self.what, self.given, self.known, self.where = what, given, tuple(sorted(known)), str(where)
        self.nearest = nearest(given, self.known)
        parts = [f"{self.where}: " if self.where else "", f"unknown {what} {given!r}"]
        if self.nearest:
            parts.append(f"; did you mean {self.nearest!r}?")
        elif self.known:
            shown = ", ".join(self.known[:20]) + (", …" if len(self.known) > 20 else "")
            parts.append(f"; known: {shown}")
        if hint:
            parts.append(f" ({hint})")
        super().__init__("".join(parts))

    def __reduce__(self) -> tuple[type[UserError], tuple[str]]:
        return UserError, (str(self),)


class ConfigError(UserError):
    """An experiment file, a flag or a setting that cannot be used."""

    def __init__(self, message: str, *, where: str | Path = "", hint: str = "") -> None:
        super().__init__(_located(message, where, hint))


class NotFound(ConfigError):
    """A file or folder that an experiment names and that does not exist."""


class DataError(UserError):
    """A data file that cannot be used; names the file and, if there is one, the line (from 1)."""

    def __init__(self, message: str, *, file: str | Path, line: int | None = None, hint: str = "") -> None:
        self.file, self.line = str(file), line
        super().__init__(_located(message, f"{file}:{line}" if line is not None else str(file), hint))

    def __reduce__(self) -> tuple[type[UserError], tuple[str]]:
        return UserError, (str(self),)


class CheckpointError(UserError):
    """A model that cannot be loaded: not safetensors, no tokenizer, wrong architecture."""

    def __init__(self, message: str, *, where: str | Path = "", hint: str = "") -> None:
        super().__init__(_located(message, where, hint))


class RunError(XstiltsError):
    """A node failed; finished nodes are kept in the store."""


class StoreFull(RunError):
    """No space left on the disk of the store; finished nodes are kept."""


def beginning(text: str, most: int = 40) -> str:
    """A text for a message: all of it, or its beginning where it has more than ``most`` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The known name closest to ``given``, one that differs in case alone before others; None if none is close."""
    names = list(known)
    if same := [name for name in names if name.casefold() == given.casefold()]:
        return same[0]
    close = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    return close[0] if close else None


def _located(message: str, where: str | Path, hint: str) -> str:
    message, hint = (_ENDLESS.sub(lambda word: beginning(word[0], 81), text) for text in (message, hint))
    return f"{where}: {message}" * bool(where) + message * (not where) + f" ({hint})" * bool(hint)
