"""A question whose answer is a span of its context, or that has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading import answers as forms
from xstilts.reading import offsets, rows, squad
from xstilts.reading.columns import Columns, Gold, Roles, first_of
from xstilts.reading.examples import Answer, Question
from xstilts.reading.jsonl import document
from xstilts.reading.rows import text
from xstilts.reading.tables import TableRow
from xstilts.tasks import answer_scoring
from xstilts.tasks.kind import Kind


def _read(row: TableRow, places: Mapping[str, list[str]], gold: Gold) -> Question:
    context = text(row, places["context"][0])
    start = row.cells.get(places["start"][0]) if places["start"] else None
    given = row.cells.get(places["answer"][0])
    try:
        answers = () if forms.is_true(row.cells.get("is_impossible")) else _answers(given, start)
    except (TypeError, ValueError, KeyError):
        raise row.error(f"answer {given!r} with start {start!r} cannot be read") from None
    name = row.cells.get("id")
    return Question(
        example_id="" if name is None else str(name),
        cluster_id="",
        question=text(row, places["question"][0]),
        context=context,
        answers=answers,
    )


def _answers(value: Any, start: Any) -> tuple[Answer, ...]:  # noqa: ANN401 – JSON
    """Answers of a cell as they are given, without empty texts: a question without any has no answer."""
    pairs = forms.given(value, start) if value is not None else []
    return tuple(Answer(text=answer, start=place) for answer, place in pairs if answer.strip())


def _read_json(file: Path, columns: Columns, labels: Sequence[str]) -> Iterator[Question]:
    """A JSON document: SQuAD's articles, or a question a row as the scripts of transformers have it (``run_qa.py``).

    Raises:
        DataError: neither.
    """
    whole = document(file)
    listed = whole.get("data", [whole] if "question" in whole else None) if isinstance(whole, Mapping) else whole
    if not isinstance(listed, list):
        raise DataError(EXPECTED, file=file)
    if any(isinstance(one, Mapping) and ("paragraphs" in one or "qas" in one) for one in listed):
        yield from squad.read(file, "", hidden=False)
        return
    if not all(isinstance(one, Mapping) for one in listed):
        raise DataError(EXPECTED, file=file)
    table = [TableRow(file, number, None, row) for number, row in enumerate(listed, start=1)]
    read = rows.read(table, file, roles=ROLES, columns=columns, labels=labels)
    yield from offsets.settled([one for one in read if isinstance(one, Question)], file)


EXPECTED = (
    "questions are expected: SQuAD's data → paragraphs → qas, or a list of rows with question, context and answers, "
    "alone or as `data`"
)


def _gold(example: Question) -> tuple[str, ...] | None:
    """The texts of all answers, empty where there is none."""
    return None if example.answers is None else tuple(answer.text for answer in example.answers)


ROLES = Roles(
    find={
        "question": first_of("question"),
        "context": first_of("context", "passage", "paragraph", "text"),
        "answer": first_of("answers", "answer", "answer_text"),
        "start": first_of("answer_start", "start"),
    },
    build=_read,
    optional=("start",),
    written=("answer", "start"),
)

KIND = Kind(
    title="A question whose answer is a span of its context",
    example=Question,
    gold=_gold,
    metric=answer_scoring.metric_of,
    metrics=answer_scoring.METRICS,
    decide=answer_scoring.decide,
    review=answer_scoring.review,
    max_length=384,
    roles=ROLES,
    formats={"squad": _read_json},
    settled=offsets.settled,
    characters=900,
    written=25,
)
