"""JSON documents and JSON lines: where JSON enters, and where its strings and numbers are checked once.

JSON may hold what no other reader can pass on: half of a surrogate pair (an emoji that was cut), integers without end,
a nesting that no reader survives. All are refused here, with file, line and the path to the value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import DataError, nearest
from xstilts.reading.text import read_lines, read_text

_WRITTEN = re.compile(r"\\u[dD][89a-fA-F]")
"""An escape that may be half of a surrogate pair."""
_HALF = re.compile(r"[\ud800-\udfff]")
_HALF_WRITTEN = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON-lines file, each with its line number; blank lines are skipped.

    Raises:
        DataError: not text, not JSON (line and column), a string or a number that cannot be kept, a line that is not
            an object, or a key with two different values.
    """
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            value = parse(line, file=path, line=number, pairs=_distinct)
        except json.JSONDecodeError as error:
            raise DataError(f"not JSON at column {error.colno}: {error.msg}", file=path, line=number) from None
        except _Repeated as error:
            raise DataError(f"the key {error} occurs twice with different values", file=path, line=number) from None
        if not isinstance(value, dict):
            raise DataError(f"a JSON object is expected, not {type(value).__name__}", file=path, line=number)
        yield number, value


def document(path: Path) -> Any:  # noqa: ANN401 – whatever the file holds
    """The value of a JSON file.

    Raises:
        DataError: not text, or not JSON (a truncated file is named as such, with line and column); a string or a
            number that cannot be kept, with its path.
    """
    text = read_text(path)
    try:
        return parse(text, file=path)
    except json.JSONDecodeError as error:
        cut = not text[error.pos :].strip() or error.msg.startswith("Unterminated")
        raise DataError(
            f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}",
            file=path,
            line=error.lineno,
            hint="the file looks truncated" if cut else "",
        ) from None


def parse(
    text: str, *, file: Path, line: int | None = None, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None
) -> Any:  # noqa: ANN401 – whatever the text holds
    """The value of a JSON text, its strings and numbers checked.

    Args:
        text: one document.
        file: named in errors.
        line: of the text in its file; None where the text is the file.
        pairs: as ``json.loads(object_pairs_hook=…)``.

    Raises:
        json.JSONDecodeError: not JSON.
        DataError: half of a surrogate pair in a string or a key, an integer of thousands of digits, too deep a nesting.
    """
    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise DataError("JSON that is nested too deep to be data", file=file, line=line) from None
    except ValueError:
        raise DataError("an integer of more than 4,300 digits", file=file, line=line) from None
    if _WRITTEN.search(text) and (half := _half(value)):
        path, character = half
        if line is None and (place := _HALF_WRITTEN.search(text)):
            line = text.count("\n", 0, place.start()) + 1
        raise DataError(
            f"{path or 'the value'}: \\u{ord(character):04x} is half of a character (of an emoji that was cut, mostly)",
            file=file,
            line=line,
            hint="remove the escape, or write U+FFFD in its place",
        )
    return value


def field(row: Mapping[str, Any], name: str, *, file: Path, line: int | None = None, where: str = "") -> Any:  # noqa: ANN401
    """``row[name]``.

    Raises:
        DataError: no such field; names those that are there and the nearest.
    """
    if isinstance(row, Mapping) and name in row:
        return row[name]
    place = f"{where}: " if where else ""
    if not isinstance(row, Mapping):
        raise DataError(f"{place}an object is expected, not {type(row).__name__}", file=file, line=line)
    close = nearest(name, row)
    raise DataError(
        f"{place}no field {name!r}; there are: {', '.join(map(str, row)) or 'none'}",
        file=file,
        line=line,
        hint=f"did you mean {close!r}?" if close else "",
    )


class _Repeated(Exception):
    """A key with two different values."""


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys have one value each: of two, nobody could say which is meant."""
    made = dict(pairs)
    if len(made) < len(pairs):
        for name, value in pairs:
            if made[name] != value and value == value:  # a value that is not itself is NaN
                raise _Repeated(repr(name))
    return made


def _half(value: object) -> tuple[str, str] | None:
    """The path of a string or a key with half of a surrogate pair, and that half; None where there is none."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, str):
            if match := _HALF.search(one):
                return path, match[0]
        elif isinstance(one, Mapping):
            for key in one:
                if match := _HALF.search(key):
                    return f"a key of {path or 'the object'}", match[0]
            waiting += [(f"{path}.{key}".removeprefix("."), one[key]) for key in reversed(one)]
        elif isinstance(one, list):
            waiting += [(f"{path}[{index}]", one[index]) for index in range(len(one) - 1, -1, -1)]
    return None
