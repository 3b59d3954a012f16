"""JSON documents and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import DataError, nearest
from xstilts.reading.text import read_lines, read_text


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON-lines file, each with its line number; blank lines are skipped.

    Raises:
        DataError: not UTF-8, not JSON (line and column), or a line that is not an object.
    """
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"not JSON at column {error.colno}: {error.msg}", file=path, line=number) from None
        if not isinstance(value, dict):
            raise DataError(f"a JSON object is expected, not {type(value).__name__}", file=path, line=number)
        yield number, value


def document(path: Path) -> Any:  # noqa: ANN401 – whatever the file holds
    """The value of a JSON file.

    Raises:
        DataError: not UTF-8, or not JSON; a truncated file is named as such, with line and column.
    """
    text = read_text(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        cut = not text[error.pos :].strip() or error.msg.startswith("Unterminated")
        raise DataError(
            f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}",
            file=path,
            line=error.lineno,
            hint="the file looks truncated" if cut else "",
        ) from None


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
