"""A question whose answer is a span of its context, or that has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xstilts.reading import squad
from xstilts.reading.columns import Gold, Roles, first_of
from xstilts.reading.examples import Answer, Question
from xstilts.reading.rows import text
from xstilts.reading.tables import TableRow
from xstilts.tasks.kind import Kind


def _read(row: TableRow, places: Mapping[str, list[str]], gold: Gold) -> Question:
    context = text(row, places["context"][0])
    start = row.cells.get(places["start"][0]) if places["start"] else None
    try:
        answers = _answers(row.cells.get(places["answer"][0]), start, context)
    except (TypeError, ValueError, KeyError):
        raise row.error(f"answer {row.cells.get(places['answer'][0])!r} with start {start!r} cannot be read") from None
    return Question(
        example_id="",
        cluster_id="",
        question=text(row, places["question"][0]),
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
    if not all(isinstance(answer, str) for answer, _ in pairs):
        raise TypeError
    return tuple(squad.locate(context, answer, int(place)) for answer, place in pairs if answer.strip())


def _gold(example: Question) -> tuple[str, ...] | None:
    """The texts of all answers, empty where there is none."""
    return None if example.answers is None else tuple(answer.text for answer in example.answers)


KIND = Kind(
    title="A question whose answer is a span of its context",
    example=Question,
    gold=_gold,
    metric="squad_v1",
    max_length=384,
    roles=Roles(
        find={
            "question": first_of("question"),
            "context": first_of("context", "passage", "paragraph", "text"),
            "answer": first_of("answers", "answer", "answer_text"),
            "start": first_of("answer_start", "start"),
        },
        build=_read,
        optional=("start",),
        written=("answer", "start"),
    ),
    formats={"squad": lambda file, columns, labels: squad.read(file, "")},
    characters=900,
    written=25,
)
