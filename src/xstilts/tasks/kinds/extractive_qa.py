"""A question whose answer is a span of its context, or that has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.errors import ConfigError, DataError
from xstilts.reading import answers as forms
from xstilts.reading import offsets, rows, squad
from xstilts.reading.columns import Columns, Gold, Roles, first_of
from xstilts.reading.examples import Answer, Question
from xstilts.reading.jsonl import document
from xstilts.reading.rows import text
from xstilts.reading.tables import TableRow
from xstilts.tasks.kind import Decision, Kind

NO_ANSWER = "no_answer"
"""The only label that a task of this kind may have: some of its questions have no answer."""


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
        yield from squad.read(file, "")
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


def _metric(labels: Sequence[str]) -> str:
    return ABSTAINING if NO_ANSWER in labels else "squad_v1"


def _decide(labels: tuple[str, ...], metric: str | None, examples: Callable[[], Iterable[Question]]) -> Decision:
    """Whether the model may answer nothing, by the labels, the metric, or the questions that have no answer."""
    if strange := [label for label in labels if label != NO_ANSWER]:
        raise ConfigError(
            f"labels: {', '.join(strange)}: answers are spans of their context",
            hint=f"the one label that it may have, {NO_ANSWER}, lets the model answer nothing",
        )
    if metric == ABSTAINING:
        notes = () if labels else (f"metric {metric}: the model may answer nothing (labels: [{NO_ANSWER}])",)
        return Decision(labels=(NO_ANSWER,), metric=metric, notes=notes)
    if metric is not None:
        if labels and metric in ANSWERED:
            raise ConfigError(
                f"labels: [{NO_ANSWER}] and metric {metric} contradict each other: {metric} scores questions that have "
                "an answer",
                hint=f"leave one of them out, or take metric: {ABSTAINING}",
            )
        return Decision(labels=labels, metric=metric)
    if labels:
        return Decision(labels=labels, metric=ABSTAINING)
    known = [bool(one.answers) for one in examples() if one.answers is not None]
    without = known.count(False)
    if not without:
        return Decision(labels=(), metric="squad_v1")
    if without == len(known):
        raise ConfigError(f"none of the {without:,} questions has an answer", hint="are the answers hidden?")
    note = (
        f"{without:,} of {len(known):,} questions have no answer: metric {ABSTAINING}, and the model may answer nothing"
    )
    return Decision(labels=(NO_ANSWER,), metric=ABSTAINING, notes=(note,))


def _review(examples: Sequence[Question], metric: str, file: Path) -> None:
    """Refuses a question without an answer where the metric scores only others.

    Raises:
        DataError: names the first.
    """
    for number, example in enumerate(examples, start=1):
        if example.answers == () and metric in ANSWERED:
            raise DataError(
                f"example {example.example_id or number}: the question {example.question!r} has no answer, and metric "
                f"{metric} scores only those that have one",
                file=file,
                hint=f"with `metric: {ABSTAINING}` the model may answer nothing; or leave such questions out",
            )


ABSTAINING, ANSWERED = "squad_v2", ("squad_v1", "mlqa", "checklist")
"""The metric that takes questions without an answer, and those that do not."""


ROLES = Roles(
    find={
        "question": first_of("question"),
        "context": first_of("context", "passage", "paragraph", "text"),
        "answer": first_of("answers", "answer", "answer_text"),
        "start": first_of("answer_start", "start"),
    },
    build=_read,
    optional=("start",),
)

KIND = Kind(
    title="A question whose answer is a span of its context",
    example=Question,
    gold=_gold,
    metric=_metric,
    metrics=(ABSTAINING, *ANSWERED),
    decide=_decide,
    review=_review,
    max_length=384,
    roles=ROLES,
    formats={"squad": _read_json},
    settled=offsets.settled,
    characters=900,
    written=25,
)
