"""Texts by the name that a user gives: a task's split, a folder of plain text, or a single file of any layout."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from xstilts import registry
from xstilts.data import discovery
from xstilts.data.overlap.verdicts import Item
from xstilts.data.text_folders import discover_text
from xstilts.errors import ConfigError, DataError, UnknownName
from xstilts.reading import conll, csv_rows, jsonl, squad, tsv_rows
from xstilts.reading.identify import identify
from xstilts.reading.streamed import stream_lines
from xstilts.reading.tables import FORMATS, is_json_lines
from xstilts.tasks.task import Task

ITEM = "text"
"""The field of a line of plain text."""


@dataclass(frozen=True, kw_only=True)
class NamedText:
    """Texts that were found, and are read when they are asked for.

    Attributes:
        name: as it was given.
        parallel: whether an id means the same in every language.
        parts: language, or name of a file → its items.
    """

    name: str
    parallel: bool
    parts: Mapping[str, Callable[[], Iterator[Item]]]

    def texts(self) -> Iterator[str]:
        """Every text of every part."""
        for read in self.parts.values():
            for item in read():
                for _, text in item.texts:
                    yield text


def named_text(given: str, data: Path | None, *, training: bool, where: str) -> NamedText:
    """What a name stands for.

    Args:
        given: ``mnli``, ``xnli:dev``, a file, or a folder of ``xx.txt``.
        data: the ``--data`` folder, in which names are looked up first.
        training: whether a task's training split is meant where none is named, or its test split.
        where: for messages.

    Raises:
        ConfigError: there is no such task, split, file or folder.
    """
    name, _, split = given.partition(":")
    if name in registry.names("tasks"):
        return _of_task(registry.find("tasks", name), given, split, data, training=training, where=where)
    for folder in filter(None, (data, Path())):
        path = folder / given
        if path.is_dir():
            return _of_folder(given, path)
        if path.is_file():
            return NamedText(name=given, parallel=False, parts={path.name: partial(_items, path)})
    raise UnknownName("task, file or folder", given, registry.names("tasks"), where=where)


def _of_task(task: Task, given: str, split: str, data: Path | None, *, training: bool, where: str) -> NamedText:
    found = discovery.discover(task, data)
    split = split or ("train" if training else task.test_split)
    if not (languages := found.languages(split)):
        others = ", ".join(one for one in found.files if found.languages(one))
        hint = f"there is {others}: write {given.partition(':')[0]}:SPLIT" if others else "--data DIR"
        raise ConfigError(f"there is no {split} split of {task.title}", where=where, hint=hint)

    def of(language: str) -> Callable[[], Iterator[Item]]:
        return lambda: map(Item.of, discovery.read(task, found.of(split, language), language))

    return NamedText(name=given, parallel=task.parallel, parts={language: of(language) for language in languages})


def _of_folder(given: str, folder: Path) -> NamedText:
    sets = discover_text(folder).sets
    parts: dict[str, Callable[[], Iterator[Item]]] = {}
    for name, files in sets.items():
        for language, file in files.items():
            parts[f"{name} {language}".strip()] = partial(_lines, file)
    aligned = len(sets) == 1 and "" not in sets
    return NamedText(name=given, parallel=aligned, parts=parts)


def _lines(file: Path) -> Iterator[Item]:
    for number, line in enumerate(stream_lines(file)):
        if line.strip():
            yield Item(str(number), ((ITEM, line),))


def _items(file: Path) -> Iterator[Item]:
    """A line, a row of a table, an object, a question or a sentence at a time, whatever the file holds.

    Columns are called by their number, since a table may or may not begin with their names.
    """
    suffix = next((one for one in reversed(file.suffixes) if one != ".gz"), "")
    format = FORMATS.get(suffix) if suffix != ".txt" else None  # noqa: A001 – the experiment's own key
    if format == "conll":
        return map(Item.of, identify(list(conll.read(file))))
    if format in ("csv", "tsv"):
        rows = csv_rows.rows(file) if format == "csv" else tsv_rows.rows(file)
        return (Item(str(n), tuple((str(i), cell) for i, cell in enumerate(cells, 1))) for n, cells in rows)
    if format == "jsonl" or (format == "json" and is_json_lines(file)):
        return (_object(str(number), row) for number, row in jsonl.objects(file))
    return _document(file) if format == "json" else _lines(file)


def _document(file: Path) -> Iterator[Item]:
    """SQuAD's articles, or a list of objects."""
    whole = jsonl.document(file)
    rows = whole.get("data") if isinstance(whole, dict) else whole
    if not isinstance(rows, list):
        raise DataError("a list of objects is expected, or SQuAD json", file=file)
    if any(isinstance(one, dict) and "paragraphs" in one for one in rows):
        return map(Item.of, identify(list(squad.read(file, "", hidden=False))))
    return (_object(str(number), row) for number, row in enumerate(rows, start=1))


def _object(name: str, row: Any) -> Item:  # noqa: ANN401 – JSON
    """Every text of an object; what is nested is one text."""
    fields = row if isinstance(row, dict) else {ITEM: row}
    texts = {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in fields.items()
    }
    return Item(name, tuple(texts.items()))
