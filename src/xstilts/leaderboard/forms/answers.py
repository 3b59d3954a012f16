"""Answer texts by question id against SQuAD json: XQuAD and TyDiQA by English rules, MLQA by each language's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from xstilts.errors import DataError
from xstilts.leaderboard.files import Mapped, by_id, check_ids, line_of, mapped, unanswered
from xstilts.leaderboard.forms.form import Compared, Row, percent
from xstilts.metrics.metric import Metric
from xstilts.reading.jsonl import document, field
from xstilts.reading.text import read_text

Golds = list[tuple[str, list[str]]]
"""Question id and answer texts, in file order."""


@dataclass(frozen=True)
class Answers:
    """The answers to questions: ``exact_match`` and ``f1`` of SQuAD's or MLQA's script, which ``evaluate.py`` calls.

    ``install_tools.sh`` fetches them: ``evaluate-v1.1.py`` of allenai/bi-att-flow, ``mlqa_evaluation_v1.py`` of
    facebookresearch/MLQA.
    """

    metric: Metric
    """``squad_v1`` or ``mlqa``."""

    suffixes: ClassVar[tuple[str, ...]] = ("json",)
    official: ClassVar[tuple[str, ...]] = ("exact_match", "f1")

    def compare(self, predictions: Path, labels: Path, *, language: str) -> Compared:
        """The scores over all questions; one without an answer scores 0. See ``Form.compare``."""
        text = read_text(labels)
        golds, predicted = questions(labels, text), mapped(predictions, "answers")
        known = dict(golds)
        check_ids(predicted, known, labels)
        for name, value in predicted.values.items():
            if not isinstance(value, str):
                raise predicted.error(f"the answer is {value!r}; a text is expected", name)
        warnings = unanswered(predicted, known, Mapped(labels, known, text), "questions")
        empty = [name for name, value in predicted.values.items() if not value.strip()]
        if empty:
            place = f"{predictions}:{predicted.line(empty[0])}"
            warnings.append(f"{place}: {len(empty)} of {len(known)} answers are empty, e.g. that of {empty[0]!r}")
        totals = np.zeros(len(self.metric.count_names))
        for name, texts in golds:
            if name in predicted.values:
                totals += self.metric.counts(texts, predicted.values[name], language=language)
            else:
                totals[self.metric.count_names.index("n")] += 1
        scores = percent(self.metric, totals)
        kept = {name: scores[name] for name in self.official}
        return Compared(scores=kept, examples=len(golds), warnings=tuple(warnings))

    def predictions(self, rows: Sequence[Row]) -> str:
        """An object of ids and texts."""
        return by_id({row.example_id: row.prediction for row in rows})

    def labels(self, rows: Sequence[Row]) -> str:
        """SQuAD json with what is scored: ids and answers. Contexts and questions are empty."""
        qas = [
            {"id": row.example_id, "question": "", "answers": [{"text": text, "answer_start": 0} for text in row.gold]}
            for row in rows
        ]
        data = [{"title": "", "paragraphs": [{"context": "", "qas": qas}]}]
        return json.dumps({"version": "1.1", "data": data}, ensure_ascii=False, indent=1) + "\n"


def questions(file: Path, text: str) -> Golds:
    """The questions of a file in SQuAD's layout, or of the list that is its ``data``.

    Raises:
        DataError: another layout, a question without an answer, or hidden answers (XTREME's download empties them).
    """
    whole = document(file)
    articles = whole["data"] if isinstance(whole, Mapping) and "data" in whole else whole
    found: Golds = []
    for article in _items(articles, "data", file):
        for paragraph in _items(field(article, "paragraphs", file=file), "paragraphs", file):
            for qa in _items(field(paragraph, "qas", file=file), "qas", file):
                found.append(_question(qa, file, text))
    if not found:
        raise DataError("the file is empty: no question", file=file)
    if not any(answer for _, texts in found for answer in texts):
        raise DataError("every answer is empty: the labels are hidden, as in XTREME's download", file=file)
    return found


def _question(qa: Any, file: Path, text: str) -> tuple[str, list[str]]:  # noqa: ANN401 – whatever the file holds
    name = str(field(qa, "id", file=file))
    answers = qa.get("answers")
    given = [one.get("text") for one in answers if isinstance(one, Mapping)] if isinstance(answers, list) else []
    texts = [one for one in given if isinstance(one, str)]
    if not texts or len(texts) < len(answers):
        # Looked up only here: the file is searched for it.
        raise DataError(f"the question {name!r} has no answer", file=file, line=line_of(text, name))
    return name, texts


def _items(value: object, what: str, file: Path) -> list[Any]:
    if not isinstance(value, list):
        raise DataError(f"{what}: a list is expected, not {type(value).__name__}", file=file)
    return value
