"""Examples from the named columns of a user's file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading.columns import Columns, resolve
from xstilts.reading.examples import Answer, Choice, Classified, Example, Question, Tagged
from xstilts.reading.labels import check
from xstilts.reading.squad import locate
from xstilts.reading.tables import TableRow

Build = Callable[[TableRow, Mapping[str, list[str]], Callable[[TableRow, object], str]], Example]


def read(
    table: Iterable[TableRow], file: Path, *, kind: str, columns: Columns, labels: Sequence[str]
) -> Iterator[Example]:
    """The examples of a table in file order.

    Args:
        table: its rows.
        file: where they come from.
        kind: of the task.
        columns: the user's mapping.
        labels: those that may occur; empty for any. Of multiple choice: what stands for each choice, in order.

    Raises:
        DataError: a missing column, an empty or ill-typed cell, a label outside the set; with file and line.
    """
    found = list(table)
    if not found:
        raise DataError("no rows", file=file)
    places = resolve(kind, columns, found[0].cells, file)
    golds = _labels(found, places, kind, labels)
    if kind == "multiple_choice" and labels:
        return (BUILD[kind](row, places, lambda row, value: str(labels.index(golds(row, value)))) for row in found)
    return (BUILD[kind](row, places, golds) for row in found)


def label_text(value: object) -> str:
    """A label as text: ``True`` is ``true``, as YAML and JSON write it."""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def _labels(
    table: list[TableRow], places: Mapping[str, list[str]], kind: str, labels: Sequence[str]
) -> Callable[[TableRow, object], str]:
    """How a cell becomes a label: as it stands, or as an index if the file holds only integers that are no labels."""
    role = "tags" if kind == "tagging" else "label"
    if role not in places:
        return lambda row, value: label_text(value)
    seen: set[str] = set()
    for row in table:
        value = row.cells.get(places[role][0])
        seen.update(label_text(one) for one in (_listed(value) if kind == "tagging" else [value]))
    indices = bool(labels) and all(one.isdigit() for one in seen) and not seen <= set(labels)

    def gold(row: TableRow, value: object) -> str:
        given = label_text(value)
        if indices:
            if int(given) >= len(labels):
                raise row.error(f"label {given} counts beyond the {len(labels)} labels {', '.join(labels)} (from 0)")
            return labels[int(given)]
        if not given:
            raise row.error("an empty label")
        if labels and row.line is not None:
            return check(given, labels, file=row.file, line=row.line)
        if labels and given not in labels:
            raise row.error(f"label {given!r} is not one of {', '.join(labels)}")
        return given

    return gold


def _text(row: TableRow, column: str) -> str:
    value = row.cells.get(column)
    if not isinstance(value, str) or not value.strip():
        raise row.error(f"column {column!r} must hold a text, not {value!r}")
    return value


def _listed(value: object) -> list[Any]:
    """Tokens or tags: a list, or a text separated by blanks."""
    return list(value) if isinstance(value, list) else str(value or "").split()


def _single(row: TableRow, places: Mapping[str, list[str]], gold: Callable[[TableRow, object], str]) -> Example:
    return Classified(
        example_id="",
        cluster_id="",
        first=_text(row, places["first"][0]),
        label=gold(row, row.cells.get(places["label"][0])),
    )


def _pair(row: TableRow, places: Mapping[str, list[str]], gold: Callable[[TableRow, object], str]) -> Example:
    return Classified(
        example_id="",
        cluster_id="",
        first=_text(row, places["first"][0]),
        second=_text(row, places["second"][0]),
        label=gold(row, row.cells.get(places["label"][0])),
    )


def _tagged(row: TableRow, places: Mapping[str, list[str]], gold: Callable[[TableRow, object], str]) -> Example:
    tokens = tuple(str(token) for token in _listed(row.cells.get(places["tokens"][0])))
    tags = tuple(gold(row, tag) for tag in _listed(row.cells.get(places["tags"][0])))
    if len(tokens) != len(tags) or not all(token.strip() for token in tokens):
        raise row.error(f"{len(tokens)} tokens and {len(tags)} tags, or an empty token")
    return Tagged(example_id="", cluster_id="", tokens=tokens, tags=tags)


def _question(row: TableRow, places: Mapping[str, list[str]], gold: Callable[[TableRow, object], str]) -> Example:
    context = _text(row, places["context"][0])
    start = row.cells.get(places["start"][0]) if places["start"] else None
    try:
        answers = _answers(row.cells.get(places["answer"][0]), start, context)
    except (TypeError, ValueError, KeyError):
        raise row.error(f"answer {row.cells.get(places['answer'][0])!r} with start {start!r} cannot be read") from None
    return Question(
        example_id="",
        cluster_id="",
        question=_text(row, places["question"][0]),
        context=context,
        answers=answers,
    )


def _answers(value: Any, start: Any, context: str) -> tuple[Answer, ...]:  # noqa: ANN401 – JSON
    """Answers of a cell: a text, a list of texts, SQuAD's list of objects, or the hub's object of lists.

    Without offsets an answer is the first place where its text occurs.
    """
    if isinstance(value, dict):
        pairs = list(zip(value["text"], value.get("answer_start") or [0] * len(value["text"]), strict=True))
    elif isinstance(value, list):
        starts = start if isinstance(start, list) else [start or 0] * len(value)
        pairs = [
            (one["text"], one.get("answer_start", 0)) if isinstance(one, dict) else (one, place)
            for one, place in zip(value, starts, strict=True)
        ]
    else:
        pairs = [(value or "", start or 0)]
    if not all(isinstance(text, str) for text, _ in pairs):
        raise TypeError
    return tuple(locate(context, text, int(place)) for text, place in pairs if text.strip())


def _choice(row: TableRow, places: Mapping[str, list[str]], gold: Callable[[TableRow, object], str]) -> Example:
    columns = places["choices"]
    choices = row.cells.get(columns[0]) if len(columns) == 1 else [row.cells.get(column) for column in columns]
    if not isinstance(choices, list) or len(choices) < 2 or not all(isinstance(c, str) and c for c in choices):
        raise row.error(f"at least two choices, all texts, are expected in {', '.join(columns)}")
    label = gold(row, row.cells.get(places["label"][0]))
    if not label.isdigit() or int(label) >= len(choices):
        raise row.error(
            f"label {label!r} is not a choice: they count from 0 to {len(choices) - 1}",
            hint="with `labels: [A, B, …]` any other names stand for the choices in order",
        )
    return Choice(
        example_id="",
        cluster_id="",
        prompt=" ".join(_text(row, column) for column in places["prompt"]),
        choices=tuple(choices),
        label=int(label),
    )


BUILD: Mapping[str, Build] = {
    "single_classification": _single,
    "pair_classification": _pair,
    "tagging": _tagged,
    "extractive_qa": _question,
    "multiple_choice": _choice,
}
