"""SQuAD json, v1.1 and v2: XQuAD, MLQA, TyDiQA-GoldP and QAMR share it.

Answers are exact spans of the context, counted in Unicode code points; offsets that are not are settled over the whole
file (``offsets``). An answer that has no certain place keeps ``start == -1``: it counts in evaluation and is never
trained on. XTREME hides test answers as one empty text: these are None, never an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading import answers as forms
from xstilts.reading import offsets
from xstilts.reading.examples import Answer, Question
from xstilts.reading.jsonl import document, field


def read(file: Path, language: str, *, hidden: bool = True) -> Iterator[Question]:
    """The questions of a file in file order, with the dataset's own ids.

    Args:
        file: the file.
        language: of its questions.
        hidden: whether an empty text as the only answer always hides it. If not, a file whose other questions have
            answers means that there is none.

    Raises:
        DataError: not UTF-8, truncated or not JSON (line and column), a field that is missing (its path).
    """
    found = list(_questions(file))
    empty = None if hidden or not any(map(_has_text, found)) else ()
    answers = [empty if one.answers and not _has_text(one) else one.answers for one in found]
    shown = (None if some is None else tuple(answer for answer in some if answer.text) for some in answers)
    yield from offsets.settled([replace(one, answers=some) for one, some in zip(found, shown, strict=True)], file)


def _has_text(question: Question) -> bool:
    return any(answer.text for answer in question.answers or ())


def _questions(file: Path) -> Iterator[Question]:
    """The questions of a file, their answers where their offsets say."""
    for where, paragraph in paragraphs(file):
        context = text(field(paragraph, "context", file=file, where=where), where=f"{where}.context", file=file)
        for number, qa in enumerate(items(paragraph, "qas", file=file, where=where)):
            place = f"{where}.qas[{number}]"
            yield Question(
                example_id=str(qa["id"]) if isinstance(qa, dict) and "id" in qa else "",
                cluster_id="",
                question=text(field(qa, "question", file=file, where=place), where=f"{place}.question", file=file),
                context=context,
                answers=_answers(qa, file=file, where=place),
            )


def paragraphs(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each paragraph of a file with its path, e.g. ``data[3].paragraphs[0]``.

    The list of articles may be the whole document, and its items may be paragraphs themselves.
    """
    whole = document(file)
    name = "" if isinstance(whole, list) else "data"
    articles = whole if isinstance(whole, list) else items(whole, "data", file=file, where="")
    for i, article in enumerate(articles):
        place = f"{name}[{i}]"
        if isinstance(article, Mapping) and "qas" in article and "paragraphs" not in article:
            yield place, dict(article)
            continue
        for j, paragraph in enumerate(items(article, "paragraphs", file=file, where=place)):
            yield f"{place}.paragraphs[{j}]", paragraph


def _answers(qa: Mapping[str, Any], *, file: Path, where: str) -> tuple[Answer, ...] | None:
    """The answers of one question as they are given: None where they are missing, none where the question has none."""
    if forms.is_true(qa.get("is_impossible")):
        return ()
    given = qa.get("answers")
    if given is None:
        return None
    if isinstance(given, Mapping):
        try:
            return tuple(Answer(text=string, start=start) for string, start in forms.given(given))
        except (TypeError, ValueError, KeyError):
            raise DataError(f"{where}.answers: {given!r} cannot be read", file=file) from None
    pairs = []
    for number, answer in enumerate(items(qa, "answers", file=file, where=where)):
        place = f"{where}.answers[{number}]"
        string = text(field(answer, "text", file=file, where=place), where=f"{place}.text", file=file)
        start = field(answer, "answer_start", file=file, where=place)
        try:
            pairs.append(Answer(text=string, start=forms.whole(start)))
        except (TypeError, ValueError):
            raise DataError(f"{place}.answer_start: an integer is expected, not {start!r}", file=file) from None
    return tuple(pairs)


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
    """A row of a SQuAD-like dataset on the hub: id, context, question, ``answers: {text, answer_start}``.

    Its answers are where their offsets say; ``offsets.settled`` looks at all rows of a copy.
    """
    given = row["answers"]
    return Question(
        example_id=str(row["id"]),
        cluster_id="",
        question=row["question"],
        context=row["context"],
        answers=forms.visible(list(zip(given["text"], given["answer_start"], strict=True))),
    )
