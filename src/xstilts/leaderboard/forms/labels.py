"""One label a line: XNLI, PAWS-X; XCOPA as JSON lines; Tatoeba's index of what was found. Scored by accuracy."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from xstilts import registry
from xstilts.errors import DataError, UnknownName
from xstilts.leaderboard.files import check_length, column
from xstilts.leaderboard.forms.form import Compared, Row, percent
from xstilts.metrics.accuracy import METRIC
from xstilts.reading.jsonl import field, objects

_INDEX = re.compile(r"0|[1-9][0-9]*")
PLACEHOLDERS = 50
"""From this many rows on, labels that are all 0 are XTREME-R's placeholder for hidden labels."""


class _Accuracy:
    """Equal lines over all lines, as ``accuracy`` of ``evaluate.py``."""

    suffixes: ClassVar[tuple[str, ...]] = ("tsv",)
    official: ClassVar[tuple[str, ...]] = ("accuracy",)

    def read(self, file: Path) -> list[str]:
        """The values of a file, each checked.

        Raises:
            DataError: a value that is not valid.
            UnknownName: a label that the task does not have.
        """
        raise NotImplementedError

    def check(self, gold: Sequence[str], labels: Path, *, language: str) -> None:
        """Refuses labels that are hidden."""

    def compare(self, predictions: Path, labels: Path, *, language: str) -> Compared:
        """``accuracy``; see ``Form.compare``."""
        gold, predicted = self.read(labels), self.read(predictions)
        check_length(predicted, gold, predictions, labels)
        self.check(gold, labels, language=language)
        counts = [METRIC.counts(*pair, language=language) for pair in zip(gold, predicted, strict=True)]
        return Compared(scores=percent(METRIC, np.sum(counts, axis=0)), examples=len(gold))

    def predictions(self, rows: Sequence[Row]) -> str:
        """One value a line."""
        return "".join(f"{row.prediction}\n" for row in rows)

    def labels(self, rows: Sequence[Row]) -> str:
        """One value a line."""
        return "".join(f"{row.gold}\n" for row in rows)


@dataclass(frozen=True)
class Labels(_Accuracy):
    """The label of a text or a pair."""

    task: str
    """The task whose labels they are."""

    def read(self, file: Path) -> list[str]:
        """Labels; see ``_Accuracy.read``."""
        known = registry.find("tasks", self.task).labels
        values = column(file, "label")
        for number, value in enumerate(values, start=1):
            if value not in known:
                raise UnknownName(f"label of {self.task}", value, known, where=f"{file}:{number}")
        return values


@dataclass(frozen=True)
class Indices(_Accuracy):
    """The index, from 0, of the sentence that was found."""

    def read(self, file: Path) -> list[str]:
        """Indices; see ``_Accuracy.read``."""
        values = column(file, "index")
        for number, value in enumerate(values, start=1):
            if not _INDEX.fullmatch(value):
                raise DataError(f"{value!r} is not the index of a sentence (0, 1, 2 …)", file=file, line=number)
        return values


@dataclass(frozen=True)
class Choices(_Accuracy):
    """The index of the right alternative: ``{"label": 0}`` a line, or the index alone where the file ends in .tsv."""

    suffixes: ClassVar[tuple[str, ...]] = ("jsonl", "tsv")

    def read(self, file: Path) -> list[str]:
        """Indices 0 and 1; see ``_Accuracy.read``."""
        if file.suffix == ".tsv":
            numbered = list(enumerate(column(file, "label"), start=1))
        else:
            rows = [(line, field(row, "label", file=file, line=line)) for line, row in objects(file)]
            numbered = [(line, json.dumps(value)) for line, value in rows]
        if not numbered:
            raise DataError("the file is empty", file=file)
        for line, value in numbered:
            if value not in ("0", "1"):
                raise DataError(f"the label {value} is not one of 0, 1", file=file, line=line)
        return [value for _, value in numbered]

    def check(self, gold: Sequence[str], labels: Path, *, language: str) -> None:
        """Refuses labels that are all 0."""
        if len(gold) >= PLACEHOLDERS and set(gold) == {"0"}:
            raise DataError("every label is 0: XTREME-R's download writes that in place of hidden labels", file=labels)

    def predictions(self, rows: Sequence[Row]) -> str:
        """An object a line."""
        return "".join(json.dumps({"label": row.prediction}) + "\n" for row in rows)

    def labels(self, rows: Sequence[Row]) -> str:
        """An object a line."""
        return "".join(json.dumps({"label": row.gold}) + "\n" for row in rows)
