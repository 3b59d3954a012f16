"""A file of a user's that lists rows by id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xstilts.errors import DataError, nearest

if TYPE_CHECKING:
    from xstilts.phases.examples import Located


ROLE = "list"
"""Of the file among those of the node that reads it."""


def listed_rows(file: Path, rows: Sequence[Located]) -> list[Located]:
    """The rows that a file lists, one a line: an id, or a language and an id with a tab between them.

    Raises:
        DataError: a line that names no row, or a row of several languages without saying which; with the line.
    """
    named: dict[str, set[str]] = {}
    for row in rows:
        named.setdefault(row.example.example_id, set()).add(row.language)
    wanted: set[tuple[str, str]] = set()
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        language, _, name = line.rpartition("\t")
        languages = named.get(name)
        if languages is None or (language and language not in languages):
            close = nearest(name, named)
            raise DataError(
                f"{line!r} names no row of the training set", file=file, line=number, hint=f"{close}?" if close else ""
            )
        if not language and len(languages) > 1:
            raise DataError(
                f"{name!r} is a row of several languages: {', '.join(sorted(languages))}",
                file=file,
                line=number,
                hint="language, tab, id",
            )
        wanted.add((language or next(iter(languages)), name))
    if not wanted:
        raise DataError("the list is empty", file=file)
    return [row for row in rows if (row.language, row.example.example_id) in wanted]
