"""Rows with named columns, from CSV, TSV, JSON lines or a JSON list: what a user's file may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.errors import ConfigError, DataError
from xstilts.reading import jsonl, separated
from xstilts.reading.notes import note
from xstilts.reading.text import read_lines, read_text

FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".txt": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".conll": "conll",
    ".conllu": "conll",
    ".conllup": "conll",
    ".bio": "conll",
    ".iob": "conll",
    ".iob2": "conll",
}
"""Extension → format; a trailing ``.gz`` is looked through."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: cells by column, and its position in the file."""

    file: Path
    number: int
    """From 1, without the header."""
    line: int | None
    """None in a JSON document, whose rows have no lines."""
    cells: Mapping[str, Any]
    after_blank: bool = False
    """Whether a blank line is before it: between sentences, where a row holds one word."""

    def cell(self, name: str) -> Any:  # noqa: ANN401 – whatever the file holds
        """The cell of a column.

        Raises:
            DataError: no such column; names those that are there and the nearest.
        """
        return jsonl.field(self.cells, name, file=self.file, line=self.line, where=self._place)

    def error(self, message: str, *, hint: str = "") -> DataError:
        """An error that says where this row is."""
        place = f"{self._place}: " if self._place else ""
        return DataError(place + message, file=self.file, line=self.line, hint=hint)

    @property
    def _place(self) -> str:
        return "" if self.line is not None else f"row {self.number}"


def format_of(file: Path, given: str | None = None, *, where: str = "") -> str:
    """The format of a file: the one given, else by its extension.

    Raises:
        ConfigError: the extension does not tell.
    """
    suffixes = [suffix for suffix in file.suffixes if suffix != ".gz"]
    format = given or FORMATS.get(suffixes[-1].lower() if suffixes else "")  # noqa: A001
    if format is None:
        known = "|".join(sorted(set(FORMATS.values())))
        raise ConfigError(f"the format of {file.name} is not known", where=where, hint=f"format: {known}")
    return format


def read_rows(file: Path, format: str) -> Iterator[TableRow]:  # noqa: A002 – the experiment's own key
    """The rows of a file in file order.

    Raises:
        DataError: not text, not well formed, a header with an empty or repeated name.
    """
    if format in ("csv", "tsv"):
        return _separated(file, format)
    if format == "json" and not is_json_lines(file):
        return _listed(file)
    if format == "jsonl" and read_text(file).lstrip().startswith("["):
        note("a JSON list, not JSON lines", file=file)
        return _listed(file)
    return (TableRow(file, number, line, row) for number, (line, row) in enumerate(jsonl.objects(file), start=1))


def is_json_lines(file: Path) -> bool:
    """Whether a ``.json`` file holds one object a line, as OCNLI's and JGLUE's do."""
    lines = [line for line in read_lines(file) if line.strip()]
    return len(lines) > 1 and all(line.startswith("{") and line.rstrip().endswith("}") for line in lines[:2])


def _separated(file: Path, format: str) -> Iterator[TableRow]:  # noqa: A002
    header, rows = separated.read(file, format)
    for number, (line, cells, after_blank) in enumerate(rows, start=1):
        yield TableRow(file, number, line, dict(zip(header, cells, strict=True)), after_blank)


def _listed(file: Path) -> Iterator[TableRow]:
    value = _rows_of(jsonl.document(file), file)
    if not isinstance(value, list):
        raise DataError("a list of objects is expected, or SQuAD json for extractive_qa", file=file)
    for number, row in enumerate(value, start=1):
        if not isinstance(row, dict):
            raise DataError(f"row {number}: an object is expected, not {type(row).__name__}", file=file)
        yield TableRow(file, number, None, row)


def _rows_of(value: object, file: Path) -> object:
    """The rows of a document that wraps them (``{"data": […]}``), or that holds a column in each field, as pandas."""
    if not isinstance(value, dict):
        return value
    wrapped = [name for name, one in value.items() if isinstance(one, list) and one and isinstance(one[0], dict)]
    if len(wrapped) == 1:
        note(f"the rows are those of {wrapped[0]!r}", file=file)
        return value[wrapped[0]]
    columns = {
        name: list(one.values()) if isinstance(one, dict) else one
        for name, one in value.items()
        if isinstance(one, list | dict)
    }
    if len(columns) < max(2, len(value)) or len({len(column) for column in columns.values()}) != 1:
        return value
    note("each field holds a column, as pandas writes a table", file=file)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
