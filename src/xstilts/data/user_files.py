"""A task on files of the user's own, as the readers and the keys take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xstilts import languages
from xstilts.data.folders import inside
from xstilts.data.user_tasks import UserTask
from xstilts.errors import ConfigError, UnknownName


@dataclass(frozen=True, kw_only=True)
class UserFiles:
    """What is asked for: a task on these files.

    Attributes:
        kind: the kind of task.
        files: the training set, read as one.
        columns: role → the file's column or columns.
        format: of every file; None: told from its name.
        test: language → its test files.
        language: of ``files`` and ``dev``.
    """

    kind: str
    files: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    columns: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    format: str | None = None
    dev: tuple[str, ...] = ()
    test: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    language: str = "eng-Latn"
    metric: str | None = None


def spec_of(given: UserFiles) -> dict[str, Any]:
    """What was said of it, as `user_task` takes it."""
    spec: dict[str, Any] = {"kind": given.kind, "language": given.language}
    if given.labels:
        spec["labels"] = list(given.labels)
    if given.columns:
        spec["columns"] = {
            role: list(column) if isinstance(column, list | tuple) else str(column)
            for role, column in given.columns.items()
        }
    if given.metric:
        spec["metric"] = given.metric
    if given.format:
        spec["format"] = "json" if given.format == "squad" else given.format
    return spec


def identity_of(task: UserTask) -> dict[str, Any]:
    """What of it belongs in a key."""
    return {key: value for key, value in task.identity().items() if value not in (None, {}, [])}


def tests_of(given: UserFiles, data: Path | None, beside: Path) -> dict[str, tuple[str, ...]]:
    """Language → test files, with ``{code}`` in a name filled in from the files that are there."""
    found: dict[str, tuple[str, ...]] = {}
    for language, names in given.test.items():
        for name in names:
            matches = _by_code(name, data, beside) if "{code}" in name else {language: name}
            for code, path in matches.items():
                found[code] = (*found.get(code, ()), path)
    return found


def _by_code(pattern: str, data: Path | None, beside: Path) -> dict[str, str]:
    before, _, after = pattern.partition("{code}")
    for place in (data, beside):
        if place is None:
            continue
        inside(place / before, place, given=pattern)
        matches = {
            path.relative_to(place).as_posix().removeprefix(before).removesuffix(after): path
            for path in sorted(place.glob(f"{before}*{after}"))
        }
        if matches:
            return {_language(code): path.relative_to(place).as_posix() for code, path in matches.items()}
    raise ConfigError(f"no file fits {pattern}", hint="{code} stands for a language's code")


def _language(code: str) -> str:
    found = languages.understood(code)
    if found is None:
        raise UnknownName("language code", code, (), hint="`xstilts list languages` lists them")
    return found.id
