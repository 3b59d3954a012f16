"""How what users write is checked: every mistake as key path, what was given, what is expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from xstilts.errors import ConfigError, nearest

Path = tuple[str | int, ...]
"""Where in an experiment: ``("intermediate", 0, "task")``."""


class Options(BaseModel):
    """Keys that a user may write, one per field.

    Frozen, refuses unknown keys with the nearest known one, and never converts text to numbers. A key without a value
    (null) is a key left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys_with_values(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        for key in given:
            if key not in cls.model_fields:
                refuse(_unknown("key", key, cls.model_fields), at=(key,))
        return {key: value for key, value in given.items() if value is not None or cls.model_fields[key].is_required()}


@dataclass(frozen=True)
class Problem:
    """One mistake and its position."""

    path: Path
    message: str


class ExperimentError(ConfigError):
    """An experiment that the schema refuses, with every mistake that was found."""

    def __init__(self, problems: Sequence[Problem], where: Callable[[Path], str] = lambda path: "") -> None:
        self.problems = tuple(problems)
        lines = []
        for path, message in ((problem.path, problem.message) for problem in self.problems):
            prefix = ": ".join(part for part in (where(path), dotted(path)) if part)
            lines.append(f"{prefix}: {message}" if prefix else message)
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[str]]:
        return ConfigError, (str(self),)


def dotted(path: Path) -> str:
    """``intermediate.0.task``: the form that ``--set`` takes."""
    return ".".join(map(str, path))


def refuse(message: str, *, at: Path = ()) -> NoReturn:
    """Ends a validator with a message of ours; ``at`` is relative to what the validator sees."""
    raise PydanticCustomError("refused", "{message}", {"message": message, "at": list(at)})


def refuse_unknown(what: str, given: str, known: Iterable[str], *, at: Path = (), hint: str = "") -> NoReturn:
    """Ends a validator because ``given`` is not a known name; the message names the nearest."""
    refuse(_unknown(what, given, known) + (f" ({hint})" if hint else ""), at=at)


def refuse_repeated(given: Sequence[object], what: str, *, at: tuple[str | int, ...] = (), hint: str = "") -> None:
    """Ends a validator where a list names something twice."""
    for index, value in enumerate(given):
        if value in given[:index]:
            refuse(f"{what} {shown(value)} occurs twice here" + f" ({hint})" * bool(hint), at=(*at, index))


def shown(value: object) -> str:
    """A value as an experiment file would write it, cut to a line."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: …" for key in list(value)[:3]) + "}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…" + text[0] * isinstance(value, str)


def problems(error: ValidationError, given: object) -> list[Problem]:
    """Pydantic's findings in our words, at paths that exist in what was given."""
    found = []
    for detail in error.errors(include_url=False):
        context = detail.get("ctx", {})
        path = _existing((*detail["loc"], *context.get("at", ())), given, detail["type"] == "missing")
        problem = Problem(path, _message(detail, context))
        if problem not in found:
            found.append(problem)
    # A list whose entries are all refused also counts as empty, a mistake that nobody made.
    return [one for one in found if not any(_within(other.path, one.path) for other in found)]


def _unknown(what: str, given: object, known: Iterable[str]) -> str:
    names = sorted(known)
    close = nearest(str(given), names)
    if close:
        return f"unknown {what} {shown(given)}; did you mean {close!r}?"
    listed = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return f"unknown {what} {shown(given)}; known: {listed or 'none'}"


def _within(inner: Path, outer: Path) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _existing(location: Path, given: object, missing: bool) -> Path:
    """Drops what validation added to a path: tags of unions, keys of a mapping that was written as a string."""
    path: list[str | int] = []
    for index, part in enumerate(location):
        if (isinstance(given, Mapping) and part in given) or (
            isinstance(given, list | tuple) and isinstance(part, int) and part < len(given)
        ):
            path.append(part)
            given = given[part]  # type: ignore[index]
        elif missing and index == len(location) - 1 and isinstance(given, Mapping):
            path.append(part)
    return tuple(path)


_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "keys with values",
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "mapping_type": "keys with values",
    "model_type": "keys with values",
    "string_type": "text",
    "tuple_type": "a list",
}
_LIMITS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def _message(detail: ErrorDetails, context: Mapping[str, Any]) -> str:
    kind, given = detail["type"], shown(detail["input"])
    if kind == "refused":
        return str(context["message"])
    if kind == "missing":
        return "this key is missing"
    if kind in _LIMITS:
        words, name = _LIMITS[kind]
        return f"{given} is out of range; expected {words} {context[name]:.17g}"
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(context["expected"]))
        return _unknown("value", detail["input"], known)
    if kind == "too_short":
        return "the list is empty; expected at least one entry"
    if kind in _EXPECTED:
        quote = kind == "string_type" and isinstance(detail["input"], bool | int | float)
        hint = f' (in quotes it is text: "{given}")' if quote else ""
        return f"expected {_EXPECTED[kind]}, not {given}{hint}"
    return f"{given}: {detail['msg']}"
