"""How the files of a user's own task are laid out, where their extension does not tell: a table, or words with tags."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xstilts.errors import ConfigError, beginning
from xstilts.reading.columns import Header
from xstilts.reading.conll_lines import FIELDS, looks_like_conll
from xstilts.reading.labels import whole_number
from xstilts.reading.notes import note
from xstilts.reading.tables import format_of
from xstilts.reading.text import read_lines
from xstilts.tasks.kind import Kind

MOST_COLUMNS = 1_000
"""No file has more: a larger number is a mistake."""


def layout(file: Path, kind: Kind, given: str | None, *, where: str = "") -> str:
    """The format of a file: the one given, else by its extension and, of text files for tagging, by what it holds."""
    found = format_of(file, given, where=where)
    if given is not None or found not in ("tsv", "csv") or "conll" not in kind.formats or not file.is_file():
        return found
    lines = read_lines(file)
    if not looks_like_conll(lines) or _names_columns(lines, kind):
        return found
    note("a word a line, with blank lines between sentences: read as CoNLL columns", file=file)
    return "conll"


def _names_columns(lines: Sequence[str], kind: Kind) -> bool:
    """Whether the first line of a table names the columns that the kind needs."""
    assert kind.roles is not None
    first = next((line for line in lines if line.strip()), "")
    header = Header([name.strip() for name in first.split("\t")], {})
    return all(find(header) for role, find in kind.roles.find.items() if role not in kind.roles.optional)


def column_number(role: str, column: str, *, where: str) -> int:
    """The number of a column.

    Raises:
        ConfigError: neither a number nor a field of CoNLL-U.
    """
    if column.lower() in FIELDS:
        return FIELDS.index(column.lower())
    number = whole_number(column)
    if number is None or abs(number) > MOST_COLUMNS:
        raise ConfigError(
            f"columns.{role}: conll columns are numbered from 0; got {beginning(column)!r}",
            where=where,
            hint=f"those of CoNLL-U have names, too: {', '.join(FIELDS)}",
        )
    return number
