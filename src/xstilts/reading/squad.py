"""SQuAD json, v1.1 and v2: XQuAD, MLQA, TyDiQA-GoldP and QAMR share it.

Answers are exact spans of the context, counted in Unicode code points. An offset that is off is repaired to the
nearest place where the text does occur; a text that occurs nowhere keeps ``start == -1``: it counts in evaluation
and is never trained on. XTREME hides test answers as one empty text: these are None, never an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading.examples import Answer, Question
from xstilts.reading.jsonl import document, field


def read(file: Path, language: str) -> Iterator[Question]:
    """The questions of a file in file order, with the dataset's own ids.

    Raises:
        DataError: not UTF-8, truncated or not JSON (line and column), a field that is missing (its path).
    """
    for where, paragraph in paragraphs(file):
        context = text(field(paragraph, "context", file=file, where=where), where=f"{where}.context", file=file)
        for number, qa in enumerate(items(paragraph, "qas", file=file, where=where)):
            place = f"{where}.qas[{number}]"
            yield Question(
                example_id=str(qa["id"]) if isinstance(qa, dict) and "id" in qa else "",
                cluster_id="",
                question=text(field(qa, "question", file=file, where=place), where=f"{place}.question", file=file),
                context=context,
                answers=answers(qa, context, file=file, where=place),
            )


def paragraphs(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each paragraph of a file with its path, e.g. ``data[3].paragraphs[0]``."""
    found = document(file)
    for i, article in enumerate(items(found, "data", file=file, where="")):
        for j, paragraph in enumerate(items(article, "paragraphs", file=file, where=f"data[{i}]")):
            yield f"data[{i}].paragraphs[{j}]", paragraph


def answers(qa: Mapping[str, Any], context: str, *, file: Path, where: str) -> tuple[Answer, ...] | None:
    """The answers of one question: None where hidden, empty where the question has none."""
    if qa.get("is_impossible"):
        return ()
    if qa.get("answers") is None:
        return None
    given = items(qa, "answers", file=file, where=where)
    pairs = []
    for number, answer in enumerate(given):
        place = f"{where}.answers[{number}]"
        string = text(field(answer, "text", file=file, where=place), where=f"{place}.text", file=file)
        start = field(answer, "answer_start", file=file, where=place)
        if isinstance(start, bool) or not isinstance(start, int):
            raise DataError(f"{place}.answer_start: an integer is expected, not {start!r}", file=file)
        pairs.append((string, start))
    return spans(pairs, context)


def spans(pairs: list[tuple[str, int]], context: str) -> tuple[Answer, ...] | None:
    """Answers from texts and offsets; None where every text is empty (hidden, as XTREME writes it)."""
    if pairs and not any(string for string, _ in pairs):
        return None
    return tuple(locate(context, string, start) for string, start in pairs if string)


def locate(context: str, string: str, start: int) -> Answer:
    """The answer at ``start``, or at the nearest place where the text occurs, or at -1 where it does not."""
    if start >= 0 and context.startswith(string, start):
        return Answer(text=string, start=start)
    places = []
    place = context.find(string)
    while place >= 0:
        places.append(place)
        place = context.find(string, place + 1)
    if not places:
        return Answer(text=string, start=-1)
    return Answer(text=string, start=min(places, key=lambda place: (abs(place - start), place)))


def items(value: object, name: str, *, file: Path, where: str) -> list[Any]:
    """The list ``value[name]``.

    Raises:
        DataError: no such field, or not a list.
    """
    found = field(value, name, file=file, where=where)  # type: ignore[arg-type]  # field checks it
    if not isinstance(found, list):
        place = f"{where}.{name}".removeprefix(".")
        raise DataError(f"{place}: a list is expected, not {type(found).__name__}", file=file)
    return found


def text(value: object, *, where: str, file: Path) -> str:
    """``value``, which must be a string."""
    if not isinstance(value, str):
        raise DataError(f"{where}: a string is expected, not {type(value).__name__}", file=file)
    return value


def from_row(row: Mapping[str, Any], language: str) -> Question:
    """A row of a SQuAD-like dataset on the hub: id, context, question, ``answers: {text, answer_start}``."""
    given = row["answers"]
    return Question(
        example_id=str(row["id"]),
        cluster_id="",
        question=row["question"],
        context=row["context"],
        answers=spans(list(zip(given["text"], given["answer_start"], strict=True)), row["context"]),
    )
