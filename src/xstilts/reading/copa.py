"""COPA and its translations: a premise, two alternatives, and whether the cause or the effect is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading.examples import Choice
from xstilts.reading.jsonl import field, objects
from xstilts.reading.labels import no_gold, whole_number

QUESTIONS = {"cause": "What was the cause?", "effect": "What was the effect?"}
"""Asked in English for every language, in the words of XTREME-R's baseline (google-research/xtreme,
``third_party/run_xcopa.py``: the premise, then "What was the {question}?", as the first of a pair)."""


def read(file: Path, language: str) -> Iterator[Choice]:
    """The rows of a file in file order.

    Raises:
        DataError: a field that is missing, a question or a label that is not known; with the line.
    """
    for line, row in objects(file):
        texts = [field(row, name, file=file, line=line) for name in ("premise", "choice1", "choice2", "question")]
        if not all(isinstance(text, str) and text.strip() for text in texts):
            raise DataError("premise, choice1, choice2 and question must be texts", file=file, line=line)
        if texts[3] not in QUESTIONS:
            raise DataError(f"question {texts[3]!r} is not one of cause, effect", file=file, line=line)
        if not no_gold(row.get("label")) and whole_number(row["label"]) not in (0, 1):
            raise DataError(f"label {row['label']!r} is not one of 0, 1", file=file, line=line)
        yield from_row(row, language)


def from_row(row: Mapping[str, Any], language: str) -> Choice:
    """A row as on the hub, which writes -1 for a hidden label."""
    label = whole_number(row.get("label"))
    return Choice(
        example_id="",
        cluster_id="",
        prompt=f"{row['premise']} {QUESTIONS[row['question']]}",
        choices=(row["choice1"], row["choice2"]),
        label=label if label in (0, 1) else None,
    )
